import { runWithTenant } from '@partywall/context'
import { guardDialect } from '@partywall/sql/kysely'
import { CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  acme,
  allRows,
  CountingClient,
  globex,
  refused,
  type Shop,
  type ShopTables,
  startShop,
} from './shop.ts'

let shop: Shop
let db: Kysely<ShopTables>
beforeAll(async () => {
  shop = await startShop()
  const pool = new pg.Pool({ connectionString: shop.url, max: 2, Client: CountingClient })
  db = new Kysely<ShopTables>({ dialect: guardDialect(new PostgresDialect({ pool }), shop.guard) })
})
afterAll(async () => {
  await db.destroy()
  await shop.stop()
})

const opaque = { code: 'TENANT_CONTEXT_REQUIRED', message: 'TENANT_CONTEXT_REQUIRED: (unknown)' }

// mutation src/kysely.ts: const sent = session.check({ text, values, opaque }) => const sent = { answered: () => undefined, failed: () => undefined }
it('runs before the statement is sent, and sends nothing of its own [146]', async () => {
  CountingClient.sent = []
  await expect(
    runWithTenant(acme, () => db.deleteFrom('orders').where('id', '=', 1).execute()),
  ).rejects.toMatchObject(refused)
  expect(CountingClient.sent).toEqual([])
  await runWithTenant(acme, () =>
    db.selectFrom('orders').select('id').where('tenant_id', '=', 'acme').execute(),
  )
  expect(CountingClient.sent).toEqual(['select "id" from "orders" where "tenant_id" = $1'])
  expect(await shop.rows()).toEqual(allRows)
})

it('refuses what goes around the builder and its plugins', async () => {
  const ways: readonly (() => Promise<unknown>)[] = [
    () => db.withoutPlugins().selectFrom('orders').selectAll().execute(),
    () => db.executeQuery(CompiledQuery.raw('select * from orders')),
    () => sql`select * from orders where tenant_id = ${'acme'} or true`.execute(db),
    () =>
      db
        .selectFrom('orders')
        .selectAll()
        .where(sql<boolean>`tenant_id = ${'acme'} or true`)
        .execute(),
    () => db.connection().execute((one) => one.selectFrom('orders').selectAll().execute()),
    () => db.transaction().execute((one) => one.selectFrom('orders').selectAll().execute()),
    () => db.selectFrom('orders').selectAll().where('tenant_id', '=', 'globex').execute(),
    () => db.insertInto('orders').values({ id: 9, tenant_id: 'globex', item: 'x' }).execute(),
    () => db.updateTable('orders').set({ item: 'x' }).where('id', '=', 1).execute(),
  ]
  for (const way of ways) {
    await expect(runWithTenant(acme, way)).rejects.toMatchObject(refused)
  }
  await expect(runWithTenant(acme, () => db.introspection.getTables())).rejects.toMatchObject(
    opaque,
  )
  expect(await shop.rows()).toEqual(allRows)
})

it('refuses a stream before its first row', async () => {
  const stream = runWithTenant(acme, () => db.selectFrom('orders').selectAll().stream())
  await expect(runWithTenant(acme, () => stream.next())).rejects.toMatchObject(refused)
})

it('keeps two tenants apart that take turns on the same connections', async () => {
  const items = (tenantId: string): Promise<readonly { item: string }[]> =>
    db.selectFrom('orders').select('item').where('tenant_id', '=', tenantId).orderBy('id').execute()
  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      i % 2 === 0
        ? runWithTenant(acme, () => items('acme'))
        : runWithTenant(globex, () => items('globex')),
    ),
  )
  for (const [i, reply] of replies.entries()) {
    expect(reply).toEqual(i % 2 === 0 ? [{ item: 'ink' }, { item: 'pen' }] : [{ item: 'cup' }])
  }
})

it('lets transactions pass, with their savepoints and isolation', async () => {
  await runWithTenant(acme, async () => {
    const made = await db
      .transaction()
      .setIsolationLevel('serializable')
      .execute((one) =>
        one
          .insertInto('orders')
          .values({ id: 3, tenant_id: 'acme', item: 'pad' })
          .returning(['id', 'item'])
          .executeTakeFirstOrThrow(),
      )
    expect(made).toEqual({ id: 3, item: 'pad' })
    const transaction = await db.startTransaction().execute()
    const saved = await transaction.savepoint('before').execute()
    const gone = await saved.deleteFrom('orders').where('tenant_id', '=', 'acme').executeTakeFirst()
    expect(gone.numDeletedRows).toBe(3n)
    await saved.rollbackToSavepoint('before').execute()
    await transaction.rollback().execute()
    await db.deleteFrom('orders').where('tenant_id', '=', 'acme').where('id', '=', 3).execute()
  })
  expect(await shop.rows()).toEqual(allRows)
})

it('checks the parameters as they are sent, not as they were when the query was made', async () => {
  const names = ['acme']
  const query = CompiledQuery.raw('select item from orders where tenant_id = any($1)', [names])
  const before = await runWithTenant(acme, () => db.executeQuery<{ item: string }>(query))
  expect(before.rows).toHaveLength(2)
  const reply = runWithTenant(acme, () => db.executeQuery(query))
  names[0] = 'globex'
  await expect(reply).rejects.toMatchObject(refused)
})
