import { runAsSystem, runWithTenant } from '@partywall/context'
import { createGuard } from '@partywall/sql'
import { guardPostgresDialect } from '@partywall/sql/kysely'
import { guardPool } from '@partywall/sql/pg'
import { withTenantTransaction } from '@partywall/sql/row-security'
import {
  CompiledQuery,
  type DatabaseConnection,
  Kysely,
  type KyselyPlugin,
  type PostgresDialectConfig,
  type PostgresPool,
  sql,
} from 'kysely'
import pg from 'pg'
// @ts-expect-error it comes without types
import Cursor from 'pg-cursor'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import {
  acme,
  allRows,
  bypassingSystem,
  CountingClient,
  globex,
  refused,
  type Shop,
  type ShopTables,
  shopSchema,
  startShop,
} from './shop.ts'

const opaque = { code: 'TENANT_CONTEXT_REQUIRED', message: 'TENANT_CONTEXT_REQUIRED: (unknown)' }
const asAcme = <Result>(work: () => Result): Result => runWithTenant(acme, work)
const asGlobex = <Result>(work: () => Result): Result => runWithTenant(globex, work)
const every = CompiledQuery.raw('update orders set item = item')

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.stop())

function rawPool(more: pg.PoolConfig = {}): pg.Pool {
  return new pg.Pool({ connectionString: shop.url, max: 1, Client: CountingClient, ...more })
}

function open(config: Partial<PostgresDialectConfig> = {}, guard = shop.guard): Kysely<ShopTables> {
  const dialect = guardPostgresDialect({ pool: rawPool(), cursor: Cursor, ...config }, guard)
  const db = new Kysely<ShopTables>({ dialect })
  onTestFinished(() => db.destroy())
  return db
}

const ownItems = (db: Kysely<ShopTables>) =>
  db.selectFrom('orders').select('item').where('tenant_id', '=', 'acme').orderBy('id')

// mutation src/kysely.ts: : guardedForeignPool(pool, home), => : pool,
it('refuses a leak in each hook, sends nothing of it, and lets what is confined pass', async () => {
  const outcomes: string[] = []
  const hook = (name: string) => async (connection: DatabaseConnection) => {
    const query = CompiledQuery.raw(`select item from orders where tenant_id = 'acme'`)
    const own = await connection.executeQuery(query)
    const all = CompiledQuery.raw('select * from orders')
    const stream = connection.streamQuery(all, 1)[Symbol.asyncIterator]()
    const ways = [connection.executeQuery(every), stream.next()]
    for (const outcome of await Promise.allSettled(ways)) {
      const says = outcome.status === 'rejected' ? String(outcome.reason.message) : 'sent'
      outcomes.push(`${name} ${own.rows.length} ${says}`)
    }
    await stream.return?.()
  }
  const db = open({ onCreateConnection: hook('create'), onReserveConnection: hook('reserve') })
  CountingClient.sent = []
  expect(await asAcme(() => ownItems(db).execute())).toHaveLength(2)
  expect(await asAcme(() => ownItems(db).execute())).toHaveLength(2)
  const leak = '2 TENANT_CONTEXT_REQUIRED: Order'
  expect(outcomes).toEqual(
    ['create', 'reserve', 'reserve'].flatMap((name) => [`${name} ${leak}`, `${name} ${leak}`]),
  )
  expect(CountingClient.sent.filter((text) => text === every.sql)).toEqual([])
  expect(await shop.rows()).toEqual(allRows)
})

it('is below plugins, raw fragments, transactions and streams', async () => {
  const db = open()
  const widening: KyselyPlugin = {
    transformQuery: ({ node }) =>
      (node.kind === 'SelectQueryNode' ? { ...node, where: undefined } : node) as never,
    transformResult: async ({ result }) => result,
  }
  const ways: readonly (() => Promise<unknown>)[] = [
    () => ownItems(db).withPlugin(widening).execute(),
    () => db.withoutPlugins().selectFrom('orders').selectAll().execute(),
    () => db.executeQuery(every),
    () => sql`select * from orders where tenant_id = ${'acme'} or true`.execute(db),
    () =>
      db
        .selectFrom('orders')
        .selectAll()
        .where(sql<boolean>`tenant_id = ${'acme'} or true`)
        .execute(),
    () => db.transaction().execute((one) => one.executeQuery(every)),
    () => db.connection().execute((one) => one.executeQuery(every)),
    () => db.selectFrom('orders').selectAll().stream(1).next(),
    () => db.insertInto('orders').values({ id: 9, tenant_id: 'globex', item: 'x' }).execute(),
  ]
  for (const way of ways) await expect(asAcme(way)).rejects.toMatchObject(refused)
  const streamed: string[] = []
  await asAcme(async () => {
    for await (const { item } of ownItems(db).stream(1)) streamed.push(item)
  })
  expect(streamed).toEqual(['ink', 'pen'])

  const transaction = await asAcme(() => db.startTransaction().execute())
  const saved = await asAcme(() => transaction.savepoint('a').execute())
  await asAcme(() => saved.deleteFrom('orders').where('tenant_id', '=', 'acme').execute())
  const theirs = CompiledQuery.raw(`delete from orders where tenant_id = 'globex'`)
  await expect(asGlobex(() => saved.executeQuery(theirs))).rejects.toMatchObject(opaque)
  await asAcme(() => saved.rollbackToSavepoint('a').execute())
  await asAcme(() => transaction.rollback().execute())
  expect(await shop.rows()).toEqual(allRows)
})

it('tells the server the tenant for one transaction', async () => {
  const db = open()
  const { rows } = await asAcme(() =>
    withTenantTransaction(db, (one) =>
      one.executeQuery(CompiledQuery.raw(`select item from orders where tenant_id = 'acme'`)),
    ),
  )
  expect(rows).toHaveLength(2)
})

it('guards the pool that a function gives', async () => {
  const db = open({ pool: async () => rawPool() })
  expect(await asAcme(() => ownItems(db).execute())).toHaveLength(2)
  await expect(asAcme(() => db.executeQuery(every))).rejects.toMatchObject(refused)
})

it('does not give tenants a connection that the system changed, or that reads NULL otherwise', async () => {
  const guard = await createGuard(shopSchema, { enforcement: bypassingSystem })
  const db = open({}, guard)
  const asSystem = <Result>(work: () => Result): Result =>
    runAsSystem({ actor: 'nightly', reason: 'nightly_report' }, work)
  await asSystem(() => sql`create temp table orders (item text)`.execute(db))
  expect(await asAcme(() => ownItems(db).execute())).toHaveLength(2)

  const strange = open({ pool: rawPool({ options: '-c transform_null_equals=on' }) })
  await expect(asAcme(() => ownItems(strange).execute())).rejects.toMatchObject(opaque)
})

it('refuses what is no pool of pg, or guarded already, or native', async () => {
  const fake = { connect: () => Promise.reject(new Error()), end: async () => undefined }
  const twice = guardPool(rawPool(), shop.guard)
  onTestFinished(() => twice.end())
  const wrong = { code: 'sql.client', message: expect.stringContaining('expected a pool of pg') }
  for (const pool of [fake, twice, undefined, null]) {
    // Kysely's own type lets in whatever has a connect and an end.
    const config = { pool: pool as PostgresPool }
    expect(() => guardPostgresDialect(config, shop.guard)).toThrow(expect.objectContaining(wrong))
    const db = open({ pool: async () => pool as PostgresPool })
    await expect(asAcme(() => db.executeQuery(every))).rejects.toMatchObject(wrong)
  }
  class NativeLike extends pg.Client {
    readonly native = {}
  }
  const native = rawPool({ Client: NativeLike })
  const guarded = guardPool(native, shop.guard)
  const unguardable = { code: 'sql.client', message: 'pg.native cannot be guarded' }
  const db = open({ pool: native })
  await expect(asAcme(() => ownItems(db).execute())).rejects.toMatchObject(unguardable)
  await expect(asAcme(() => guarded.query('select 1'))).rejects.toMatchObject(unguardable)
  const told = await new Promise((resolve) => guarded.connect((error) => resolve(error)))
  expect(told).toMatchObject(unguardable)
  // Nobody keeps a client of it.
  expect(native.totalCount).toBe(0)
})
