import { setTimeout as wait } from 'node:timers/promises'
import { runWithTenant } from '@partywall/context'
import { guardPostgresDialect } from '@partywall/sql/kysely'
import { guardPool } from '@partywall/sql/pg'
import { Kysely, sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { acme, globex, type Shop, type ShopTables, startShop } from './shop.ts'
import { hearUncaught } from './uncaught.ts'

const asAcme = <Result>(work: () => Result): Result => runWithTenant(acme, work)
const own = `select item from orders where tenant_id = 'globex'`
const slow = 'select count(*) from generate_series(1, 100000000)'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.stop())

const uncaught = hearUncaught()

function rawPool(application_name: string, more: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({ connectionString: shop.url, max: 1, application_name, ...more })
  pool.on('error', () => undefined)
  return pool
}

/** Ends the connection, once it is busy with what is slow. */
async function loseConnection(name: string): Promise<void> {
  const busy = `select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = $1 and state = 'active' and query = $2`
  while ((await shop.raw.query(busy, [name, slow])).rowCount === 0) await wait(5)
}

/** The only client of the pool was given back: somebody else gets one. */
async function expectFree(pool: pg.Pool, thrown = 0): Promise<void> {
  expect((await runWithTenant(globex, () => pool.query(own))).rows).toEqual([{ item: 'cup' }])
  expect(pool.totalCount).toBe(1)
  expect(uncaught.heard).toHaveLength(thrown)
}

const ways: readonly (readonly [string, (client: pg.PoolClient) => Promise<unknown>])[] = [
  ['is awaited', (client) => client.query(slow)],
  [
    'is awaited by who listens to errors',
    (client) => client.on('error', () => undefined).query(slow),
  ],
  [
    'is not awaited',
    (client) => {
      void client.query(slow).catch(() => undefined)
      return Promise.resolve()
    },
  ],
  ['took too long', (client) => client.query({ text: slow, query_timeout: 20 } as never)],
  ['is followed by an end', (client) => client.query(slow).catch(() => client.query('rollback'))],
]

// mutation src/doors/pg-client.ts: client.on('error', unheard) => void unheard
it.each(ways)(
  'gives a client back that loses its connection in a transaction whose statement %s',
  async (way, send) => {
    const pool = guardPool(rawPool(way), shop.guard)
    onTestFinished(() => pool.end())
    const lost = loseConnection(way)
    await asAcme(async () => {
      const client = await pool.connect()
      await client.query('begin')
      await send(client).catch(() => undefined)
      client.release()
    })
    await lost
    // Nobody listened to a client that somebody had: so it is without the guard.
    await expectFree(pool, way === 'is followed by an end' ? 1 : 0)
  },
)

const kinds: readonly (readonly [string, boolean])[] = [
  ['a connection of Kysely', false],
  ['a transaction of Kysely', true],
]

// mutation src/doors/pg-transaction.ts: connection.prependListener('end' => connection.on('end'
it.each(kinds)('loses no client that is lost in %s', async (name, isTransaction) => {
  const pool = rawPool(name)
  const db = new Kysely<ShopTables>({ dialect: guardPostgresDialect({ pool }, shop.guard) })
  onTestFinished(() => db.destroy())
  const lost = loseConnection(name)
  const work = async (one: Kysely<ShopTables>): Promise<unknown> => {
    if (!isTransaction) await sql`begin`.execute(one)
    return sql.raw(slow).execute(one)
  }
  await asAcme(async () => {
    const made = isTransaction ? db.transaction().execute(work) : db.connection().execute(work)
    await expect(made).rejects.toThrow()
  })
  await lost
  const { rows } = await runWithTenant(globex, () => sql.raw(own).execute(db))
  expect(rows).toEqual([{ item: 'cup' }])
  expect(pool.totalCount).toBe(1)
  // Kysely listens to none that it has.
  expect(uncaught.heard).toHaveLength(isTransaction ? 1 : 0)
})
