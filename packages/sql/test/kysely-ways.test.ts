import { runAsSystem, runWithTenant } from '@partywall/context'
import { createGuard } from '@partywall/sql'
import { guardDialect, guardPostgresDialect } from '@partywall/sql/kysely'
import { guardPool } from '@partywall/sql/pg'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type KyselyPlugin,
  PostgresDialect,
  type PostgresDialectConfig,
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

function dialect(more: Partial<PostgresDialectConfig> = {}): PostgresDialect {
  const pool = new pg.Pool({ connectionString: shop.url, max: 1, Client: CountingClient })
  return new PostgresDialect({ pool, cursor: Cursor, ...more })
}

function open(more?: Partial<PostgresDialectConfig>): Kysely<ShopTables> {
  const db = new Kysely<ShopTables>({ dialect: guardDialect(dialect(more), shop.guard) })
  onTestFinished(() => db.destroy())
  return db
}

it('streams the rows of one tenant, and nothing of a stream that is not confined', async () => {
  const db = open()
  const rowsOf = async (stream: AsyncIterable<{ item: string }>): Promise<readonly string[]> => {
    const items: string[] = []
    for await (const { item } of stream) items.push(item)
    return items
  }
  const own = () =>
    db.selectFrom('orders').select('item').where('tenant_id', '=', 'acme').orderBy('id')
  expect(await asAcme(() => rowsOf(own().stream(1)))).toEqual(['ink', 'pen'])

  CountingClient.sent = []
  const leak = () => db.selectFrom('orders').select('item')
  await expect(asAcme(() => rowsOf(leak().stream(1)))).rejects.toMatchObject(refused)
  // The tenant is the one who asks for the first row, whoever made the stream.
  const made = asAcme(() => own().stream(1))
  await expect(asGlobex(() => rowsOf(made))).rejects.toMatchObject(refused)
  const executor = (): AsyncIterable<unknown> =>
    db.getExecutor().stream(CompiledQuery.raw('select * from orders'), 1)
  await expect(asAcme(() => executor()[Symbol.asyncIterator]().next())).rejects.toMatchObject(
    refused,
  )
  expect(CountingClient.sent).toEqual([])
})

// mutation src/kysely.ts: const text = String(query.sql) => const text = query.sql
it('sends the text that it read of an object that looks like one', async () => {
  const own = `select item from orders where tenant_id = 'acme' order by id`
  // The driver would take it for a statement with a text of its own.
  const text = Object.assign(new String(own), { text: every.sql })
  const query = { ...every, sql: text as never }
  const { rows } = await asAcme(() => open().executeQuery(query))
  expect(rows).toEqual([{ item: 'ink' }, { item: 'pen' }])
})

it('guards every step of a controlled transaction, and the connection is clean after it', async () => {
  const db = open()
  const transaction = await asAcme(() => db.startTransaction().execute())
  const step = (work: () => Promise<unknown>) => expect(asAcme(work)).rejects.toMatchObject(refused)
  await step(() => transaction.executeQuery(every))
  const saved = await asAcme(() => transaction.savepoint('a').execute())
  await step(() => saved.executeQuery(every))
  await step(() => saved.withoutPlugins().deleteFrom('orders').execute())
  await step(() => sql`delete from orders`.execute(saved))
  await asAcme(() =>
    saved.updateTable('orders').set({ item: 'x' }).where('tenant_id', '=', 'acme').execute(),
  )
  const back = await asAcme(() => saved.rollbackToSavepoint('a').execute())
  await asAcme(() => back.releaseSavepoint('a').execute())
  // Another tenant cannot join it, nor end it, and cannot slip in by a BEGIN that the server ignores.
  const theirs = CompiledQuery.raw(`delete from orders where tenant_id = 'globex'`)
  await expect(asGlobex(() => transaction.executeQuery(theirs))).rejects.toMatchObject(opaque)
  for (const text of ['begin', 'rollback', 'commit']) {
    const sent = asGlobex(() => transaction.executeQuery(CompiledQuery.raw(text)))
    await expect(sent, text).rejects.toMatchObject(opaque)
  }
  await expect(asGlobex(() => transaction.executeQuery(theirs))).rejects.toMatchObject(opaque)
  await asAcme(() => transaction.rollback().execute())
  expect(await shop.rows()).toEqual(allRows)
  const { rows } = await asGlobex(() =>
    db.executeQuery(CompiledQuery.raw(`select item from orders where tenant_id = 'globex'`)),
  )
  expect(rows).toEqual([{ item: 'cup' }])
})

it('rolls a transaction back when one of its statements is refused', async () => {
  const db = open()
  const attempt = asAcme(() =>
    db.transaction().execute(async (one) => {
      await one.updateTable('orders').set({ item: 'x' }).where('tenant_id', '=', 'acme').execute()
      await one.updateTable('orders').set({ item: 'y' }).execute()
    }),
  )
  await expect(attempt).rejects.toMatchObject(refused)
  expect(await shop.rows()).toEqual(allRows)
})

it.each([
  ['any dialect', () => guardDialect(dialect(), shop.guard)],
  [
    'the dialect of pg',
    () => {
      const pool = new pg.Pool({ connectionString: shop.url, max: 1 })
      return guardPostgresDialect({ pool }, shop.guard)
    },
  ],
])('lends each connection anew: nobody listens to who has it next, with %s', async (_, make) => {
  const db = new Kysely<ShopTables>({ dialect: make() })
  onTestFinished(() => db.destroy())
  const heard: unknown[] = []
  await asAcme(() =>
    db.getExecutor().provideConnection(async (one) => {
      const { executeQuery } = one
      one.executeQuery = (query) => {
        heard.push(query)
        return executeQuery(query)
      }
    }),
  )
  const own = db.selectFrom('orders').select('item').where('tenant_id', '=', 'globex')
  expect(await asGlobex(() => own.execute())).toEqual([{ item: 'cup' }])
  expect(
    await asGlobex(() => db.transaction().execute((one) => one.executeQuery(own))),
  ).toMatchObject({ rows: [{ item: 'cup' }] })
  expect(heard).toEqual([])
})

it('guards connections that outlive their turn, and drivers that are made by hand', async () => {
  const db = open()
  const kept: Kysely<ShopTables>[] = []
  const connections: DatabaseConnection[] = []
  await db.connection().execute(async (one) => void kept.push(one))
  await db.getExecutor().provideConnection(async (one) => void connections.push(one))
  for (const one of kept) {
    await expect(asAcme(() => one.executeQuery(every))).rejects.toMatchObject(refused)
  }
  for (const one of connections) {
    await expect(asAcme(() => one.executeQuery(every))).rejects.toMatchObject(refused)
    expect(Reflect.ownKeys(one)).toEqual(['executeQuery', 'streamQuery'])
  }

  const driver = guardDialect(dialect(), shop.guard).createDriver()
  await driver.init()
  const connection = await driver.acquireConnection()
  await expect(asAcme(() => connection.executeQuery(every))).rejects.toMatchObject(refused)
  await driver.beginTransaction(connection, { isolationLevel: 'serializable' })
  await driver.rollbackTransaction(connection)
  await driver.releaseConnection(connection)
  await driver.destroy()
})

it('sees what plugins make of a query, not what it was', async () => {
  const widening: KyselyPlugin = {
    transformQuery: ({ node }) =>
      (node.kind === 'SelectQueryNode' ? { ...node, where: undefined } : node) as never,
    transformResult: async ({ result }) => result,
  }
  const own = open().selectFrom('orders').selectAll().where('tenant_id', '=', 'acme')
  expect(await asAcme(() => own.execute())).toHaveLength(2)
  await expect(asAcme(() => own.withPlugin(widening).execute())).rejects.toMatchObject(refused)
})

it('guards what hooks of the dialect run, where the pool is guarded too', async () => {
  const pool = guardPool(
    new pg.Pool({ connectionString: shop.url, max: 1, Client: CountingClient }),
    shop.guard,
  )
  const outcomes: unknown[] = []
  const leak = async (connection: DatabaseConnection): Promise<void> => {
    const outcome = connection.executeQuery(every).catch((error: unknown) => error)
    outcomes.push(await outcome)
  }
  const db = open({ pool, onCreateConnection: leak, onReserveConnection: leak })
  const own = db.selectFrom('orders').select('item').where('tenant_id', '=', 'acme')
  expect(await asAcme(() => own.execute())).toHaveLength(2)
  await expect(asAcme(() => db.executeQuery(every))).rejects.toMatchObject(refused)
  expect(outcomes).toHaveLength(3)
  for (const outcome of outcomes) expect(outcome).toMatchObject(refused)
})

it('sends the query that was checked, whatever it says when it is asked again', async () => {
  const db = open()
  let reads = 0
  const shifting = {
    ...CompiledQuery.raw(''),
    get sql() {
      reads += 1
      return reads === 1
        ? `select item from orders where tenant_id = 'acme'`
        : 'select item from orders'
    },
  }
  expect((await asAcme(() => db.executeQuery(shifting))).rows).toHaveLength(2)

  let looks = 0
  const values = new Proxy(['acme'], {
    get: (target, name) => {
      if (name !== '0') return Reflect.get(target, name)
      looks += 1
      return looks === 1 ? 'acme' : 'globex'
    },
  })
  const text = 'select item from orders where tenant_id = $1'
  const { rows } = await asAcme(() => db.executeQuery(CompiledQuery.raw(text, values)))
  expect(rows).toEqual([{ item: 'ink' }, { item: 'pen' }])
})

it('gives tenants a clean connection after the system changed one', async () => {
  const guard = await createGuard(shopSchema, { enforcement: bypassingSystem })
  const db = new Kysely<ShopTables>({ dialect: guardDialect(dialect(), guard) })
  onTestFinished(() => db.destroy())
  const asSystem = <Result>(work: () => Result): Result =>
    runAsSystem({ actor: 'nightly', reason: 'nightly_report' }, work)
  const own = db.selectFrom('orders').select('item').where('tenant_id', '=', 'acme')
  for (const text of [
    'set role pg_monitor',
    'create temp table orders (item text)',
    'begin; create temp table orders (item text)',
  ]) {
    await asSystem(() => sql.raw(text).execute(db))
    expect(await asAcme(() => own.execute())).toHaveLength(2)
    await db.connection().execute(async (one) => {
      await asSystem(() => sql.raw(text).execute(one))
      const { rows } = await asSystem(() => sql`select current_user as who`.execute(one))
      expect(rows).toHaveLength(1)
      const leak = () =>
        one.selectFrom('orders').select('item').where('tenant_id', '=', 'acme').execute()
      await expect(asAcme(leak)).rejects.toMatchObject(opaque)
    })
    const { rows } = await asSystem(() =>
      sql`select current_user = session_user as same from pg_class where relpersistence = 't'
        union all select current_user = session_user`.execute(db),
    )
    expect(rows).toEqual([{ same: true }])
  }
})

it('opens nothing after it was destroyed', async () => {
  const db = new Kysely<ShopTables>({ dialect: guardDialect(dialect(), shop.guard) })
  await asAcme(() => db.executeQuery(CompiledQuery.raw('select 1')))
  await db.destroy()
  await expect(asAcme(() => db.executeQuery(CompiledQuery.raw('select 1')))).rejects.toThrow()
  expect(await shop.rows()).toEqual(allRows)
})

// As Kysely 0.29 does: its driver marks a connection whose rollback failed, so that no pool gets it.
const mark = Symbol('mark')
interface Marked extends DatabaseConnection {
  [mark](): void
}

function markingDialect(marks: unknown[]): Dialect {
  const inner = dialect()
  return {
    createAdapter: () => inner.createAdapter(),
    createQueryCompiler: () => inner.createQueryCompiler(),
    createIntrospector: (db) => inner.createIntrospector(db),
    createDriver: () => {
      const driver: Driver = inner.createDriver()
      return {
        init: () => driver.init(),
        acquireConnection: async () => {
          const connection = await driver.acquireConnection()
          return Object.assign(connection, { [mark]: () => marks.push(connection) })
        },
        beginTransaction: (connection, settings) => driver.beginTransaction(connection, settings),
        commitTransaction: (connection) => driver.commitTransaction(connection),
        rollbackTransaction: (connection) => {
          ;(connection as Marked)[mark]()
          return driver.rollbackTransaction(connection)
        },
        releaseConnection: (connection) => driver.releaseConnection(connection),
        destroy: () => driver.destroy(),
      }
    },
  }
}

it('lets a driver reach what it keeps on its own connections, and nobody else', async () => {
  const marks: unknown[] = []
  const db = new Kysely<ShopTables>({ dialect: guardDialect(markingDialect(marks), shop.guard) })
  onTestFinished(() => db.destroy())
  const seen: unknown[] = []
  await db.getExecutor().provideConnection(async (one) => {
    seen.push(Reflect.get(one, mark))
  })
  const theirs = sql`delete from orders where tenant_id = 'globex'`
  const transaction = await asAcme(() => db.startTransaction().execute())
  await asAcme(() => transaction.deleteFrom('orders').where('tenant_id', '=', 'acme').execute())
  await expect(asGlobex(() => theirs.execute(transaction))).rejects.toMatchObject(opaque)
  await asAcme(() => transaction.rollback().execute())
  expect(marks).toHaveLength(1)
  expect(seen).toEqual([undefined])
  expect(await shop.rows()).toEqual(allRows)
  // The guard saw the end of the transaction: the connection is free for everybody.
  const { rows } = await asGlobex(() =>
    sql`select item from orders where tenant_id = 'globex'`.execute(db),
  )
  expect(rows).toEqual([{ item: 'cup' }])
})
