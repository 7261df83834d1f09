import { runWithTenant } from '@partywall/context'
import { guardDialect } from '@partywall/sql/kysely'
import { CompiledQuery, type Driver, Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest'
import { acme, allRows, globex, type Shop, type ShopTables, startShop } from './shop.ts'

const opaque = { code: 'TENANT_CONTEXT_REQUIRED', message: 'TENANT_CONTEXT_REQUIRED: (unknown)' }
const asAcme = <Result>(work: () => Result): Result => runWithTenant(acme, work)
const asGlobex = <Result>(work: () => Result): Result => runWithTenant(globex, work)
const ofAcme = `insert into orders values (50, 'acme', 'unwanted')`
const ofGlobex = `insert into orders values (51, 'globex', 'mine')`
const slow = `update orders set item = item where tenant_id = 'acme'`

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.stop())
beforeEach(async () => {
  await shop.raw.query('delete from orders where id > 40')
})

function open(config: pg.PoolConfig = {}): Kysely<ShopTables> {
  const pool = new pg.Pool({ connectionString: shop.url, max: 1, ...config })
  const db = new Kysely<ShopTables>({
    dialect: guardDialect(new PostgresDialect({ pool }), shop.guard),
  })
  onTestFinished(() => db.destroy())
  return db
}

const send = (one: Kysely<ShopTables>, text: string) =>
  one.executeQuery<{ answer: unknown }>(CompiledQuery.raw(text))

/** Runs work while somebody else keeps the orders of acme. */
async function whileLocked(work: () => Promise<void>): Promise<void> {
  const holder = await shop.raw.connect()
  try {
    await holder.query('begin')
    await holder.query(`select 1 from orders where tenant_id = 'acme' for update`)
    await work()
  } finally {
    await holder.query('rollback')
    holder.release()
  }
}

async function expectFree(db: Kysely<ShopTables>): Promise<void> {
  await asGlobex(() => db.transaction().execute((one) => send(one, ofGlobex)))
  expect(await shop.rows()).toEqual([...allRows, 'globex 51 mine'])
}

// mutation src/doors/answered-session.ts: let session = guard.session({ confirms: true }) => let session = guard.session()
it('lends nobody a connection while the end of a transaction is dropped, and then a clean one', async () => {
  const db = open({ query_timeout: 300 })
  await whileLocked(async () => {
    const work = asAcme(() =>
      db.transaction().execute(async (one) => {
        await send(one, ofAcme)
        await send(one, slow)
      }),
    )
    await expect(work).rejects.toThrow('Query read timeout')
    // The server is at the statement that took too long, and has got no end.
    const meanwhile = asGlobex(() => send(db, ofGlobex))
    await expect(meanwhile).rejects.toMatchObject({ code: 'sql.client' })
    await expect(asAcme(() => send(db, 'select 1'))).rejects.toMatchObject({ code: 'sql.client' })
    expect(await shop.rows()).toEqual(allRows)
  })
  await expectFree(db)
})

it('goes on after a statement outside of a transaction took too long', async () => {
  const db = open({ query_timeout: 300 })
  await whileLocked(async () => {
    await expect(asAcme(() => send(db, slow))).rejects.toThrow('Query read timeout')
  })
  await expectFree(db)
})

// mutation src/doors/answered-session.ts: isUncertain ||= session.state !== 'clean' => isUncertain ||= false
it('takes the answer to something else for no end that was dropped', async () => {
  const db = open({ query_timeout: 300 })
  await db.connection().execute(async (one) => {
    await whileLocked(async () => {
      await asAcme(() => send(one, 'begin'))
      await asAcme(() => send(one, ofAcme))
      await expect(asAcme(() => send(one, slow))).rejects.toThrow('Query read timeout')
      await expect(asAcme(() => send(one, 'commit'))).rejects.toThrow('Query read timeout')
    })
    await asAcme(() => send(one, 'select 1'))
    await expect(asGlobex(() => send(one, ofGlobex))).rejects.toMatchObject(opaque)
    await expect(asGlobex(() => send(one, 'commit'))).rejects.toMatchObject(opaque)
  })
  await expectFree(db)
})

/** A driver by itself, which does not wait for one statement before the next. */
async function openDriver(config: pg.PoolConfig = {}): Promise<Driver> {
  const pool = new pg.Pool({ connectionString: shop.url, max: 1, ...config })
  const driver = guardDialect(new PostgresDialect({ pool }), shop.guard).createDriver()
  await driver.init()
  onTestFinished(() => driver.destroy())
  return driver
}

// mutation src/doors/answered-session.ts: if (number !== sent) return => void number
it('takes no earlier answer for that of an end', async () => {
  const driver = await openDriver({ query_timeout: 300 })
  const connection = await driver.acquireConnection()
  const run = (text: string) => connection.executeQuery(CompiledQuery.raw(text))
  await whileLocked(async () => {
    await asAcme(() => run('begin'))
    const sent = asAcme(() => [ofAcme, slow, 'commit'].map(run))
    const outcomes = await Promise.allSettled(sent)
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  })
  await expect(asGlobex(() => run('commit'))).rejects.toMatchObject(opaque)
  await asAcme(() => run('rollback'))
  await asGlobex(() => run(ofGlobex))
  await driver.releaseConnection(connection)
  expect(await shop.rows()).toEqual([...allRows, 'globex 51 mine'])
})

// mutation src/doors/answered-session.ts: else await send('rollback') => else await undefined
it.each([
  [['begin']],
  [['begin', ofAcme]],
  [[`begin; ${ofAcme}`]],
  [['begin', ofAcme, 'select 1/0']],
  [['begin', ofAcme, 'select 1/0; commit']],
  [[`begin; ${ofAcme}; select 1/0; commit`]],
])('rolls back what %j left open before anybody else has the connection', async (texts) => {
  const db = open()
  // By itself, a text gets the connection, and gives it back.
  await asAcme(() => send(db, texts[0] ?? '')).catch(() => undefined)
  await asGlobex(() => send(db, `select item from orders where tenant_id = 'globex'`))
  await db.connection().execute(async (one) => {
    for (const text of texts) await asAcme(() => send(one, text)).catch(() => undefined)
  })
  await expectFree(db)
})

// mutation src/doors/answered-session.ts: if (sent !== before) throw new Error('the connection was used meanwhile') => void before
it('sees what is sent by a connection that was given back', async () => {
  const driver = await openDriver()
  const begin = CompiledQuery.raw('begin')
  const left = await driver.acquireConnection()
  await asAcme(() => left.executeQuery(begin))
  const released = driver.releaseConnection(left)
  await asAcme(() => left.executeQuery(begin))
  await released
  const next = await driver.acquireConnection()
  await asGlobex(() => next.executeQuery(CompiledQuery.raw(ofGlobex)))
  expect(await shop.rows()).toEqual([...allRows, 'globex 51 mine'])
  await asGlobex(() => next.executeQuery(begin))
  for (const text of ['commit', 'rollback', ofAcme]) {
    const late = asAcme(() => left.executeQuery(CompiledQuery.raw(text)))
    await expect(late).rejects.toMatchObject(opaque)
  }
  await asGlobex(() => next.executeQuery(CompiledQuery.raw('rollback')))
  await driver.releaseConnection(next)
})
