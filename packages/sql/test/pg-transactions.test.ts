import { runAsSystem, runWithTenant } from '@partywall/context'
import { createGuard, type Guard } from '@partywall/sql'
import { guardClient, guardPool } from '@partywall/sql/pg'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest'
import { switches } from './enforcement.ts'
import { acme, allRows, bypassingSystem, globex, type Shop, shopSchema, startShop } from './shop.ts'

const opaque = { code: 'TENANT_CONTEXT_REQUIRED', message: 'TENANT_CONTEXT_REQUIRED: (unknown)' }
const asAcme = <Result>(work: () => Result): Result => runWithTenant(acme, work)
const asGlobex = <Result>(work: () => Result): Result => runWithTenant(globex, work)
const ofAcme = `insert into orders values (50, 'acme', 'unwanted')`
const ofGlobex = `insert into orders values (51, 'globex', 'mine')`

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.stop())
beforeEach(async () => {
  await shop.raw.query('delete from orders where id > 40')
})

function openPool(guard: Guard = shop.guard): pg.Pool {
  const pool = guardPool(new pg.Pool({ connectionString: shop.url, max: 1 }), guard)
  onTestFinished(() => pool.end())
  return pool
}

function processOf(client: object): unknown {
  return Reflect.get(client, 'processID')
}

/** Sends all, and gives what was refused. */
async function sendAll(client: pg.PoolClient, texts: readonly string[]): Promise<unknown[]> {
  const errors: unknown[] = []
  for (const text of texts) await client.query(text).catch((error: unknown) => errors.push(error))
  return errors
}

/** Globex is refused what acme left behind, and gets a connection of its own after. */
async function expectKept(pool: pg.Pool, client: pg.PoolClient): Promise<void> {
  const left = processOf(client)
  await asGlobex(async () => {
    const errors = await sendAll(client, ['begin', 'rollback to s', ofGlobex, 'commit'])
    expect(errors).toHaveLength(4)
    for (const error of errors) expect(error).toMatchObject(opaque)
  })
  client.release()
  await expectFree(pool, left)
}

/** Globex gets another connection at once. */
async function expectFree(pool: pg.Pool, left?: unknown): Promise<void> {
  await asGlobex(async () => {
    const next = await pool.connect()
    expect(processOf(next)).not.toBe(left)
    expect(await sendAll(next, ['begin', ofGlobex, 'commit'])).toEqual([])
    next.release()
  })
  expect(await shop.rows()).toEqual([...allRows, 'globex 51 mine'])
}

/** Sends texts in which a division by zero fails, and looks at what globex gets. */
async function expectAbandonedKept(texts: readonly string[]): Promise<void> {
  const pool = openPool()
  const client = await asAcme(() => pool.connect())
  expect(await asAcme(() => sendAll(client, texts))).toMatchObject([{ code: '22012' }])
  await expectKept(pool, client)
}

// mutation src/guard/transaction-tenant.ts: if (isOpen) unsettle(scope?.tenant) => void isOpen
it('keeps a transaction whose end failed before it was reached with its tenant', async () => {
  await expectAbandonedKept(['begin', ofAcme, 'savepoint s', 'select 1/0; commit'])
})

// mutation src/doors/pg-client.ts: (isOpen) => session.confirmed(isOpen) => () => undefined
it('lets its tenant take back a transaction whose end failed', async () => {
  const pool = openPool()
  await asAcme(async () => {
    const client = await pool.connect()
    await sendAll(client, ['begin', ofAcme, 'savepoint s', 'select 1/0; commit'])
    expect(await sendAll(client, ['rollback to s', 'rollback'])).toEqual([])
    client.release()
  })
  const { rowCount } = await asGlobex(() => pool.query(ofGlobex))
  expect(rowCount).toBe(1)
  expect(await shop.rows()).toEqual([...allRows, 'globex 51 mine'])
})

// mutation src/doors/pg-transaction.ts: if (!isFailing) idle() => void idle
it('keeps a transaction whose end was never sent with its tenant', async () => {
  const pool = openPool()
  const client = await asAcme(() => pool.connect())
  await asAcme(async () => {
    await sendAll(client, ['begin', ofAcme, 'savepoint s'])
    const slow = client.query('select count(*) from generate_series(1, 2000000)')
    const end = client.query({ text: 'commit', query_timeout: 5 } as never)
    await expect(end).rejects.toThrow('timeout')
    await slow
  })
  await expectKept(pool, client)
})

// mutation src/guard/transaction-tenant.ts: first = owner ?? sender, => first = owner,
it('keeps a transaction that one text began and did not end with its tenant', async () => {
  await expectAbandonedKept([`begin; ${ofAcme}; savepoint s; select 1/0; commit`])
})

// mutation src/doors/pg-client.ts: session.state !== 'clean' || session.isOccupied => session.state === 'changed' || session.isOccupied
it('refuses nobody a statement for a transaction that somebody else did not end', async () => {
  const pool = openPool()
  await asAcme(() => pool.query('begin'))
  expect((await asGlobex(() => pool.query(ofGlobex))).rowCount).toBe(1)
  await shop.raw.query('delete from orders where id = 51')
  await asAcme(async () => {
    const client = await pool.connect()
    await sendAll(client, ['begin', ofAcme, 'savepoint s'])
    client.release()
  })
  await expectFree(pool)
})

it('loses no connection where the transaction ends after the refusal', async () => {
  const pool = openPool()
  const client = await pool.connect()
  const before = processOf(client)
  await asAcme(() => client.query('begin'))
  await expect(asGlobex(() => client.query(ofGlobex))).rejects.toMatchObject(opaque)
  await asAcme(() => client.query('rollback'))
  client.release()
  const next = await pool.connect()
  expect(processOf(next)).toBe(before)
  next.release()
})

// mutation src/doors/pg-client.ts: if (session.state === 'clean' || watch === undefined) then() => if (session.state !== undefined) then()
it('hands a client on when the end of its transaction has arrived', async () => {
  const pool = openPool()
  const client = await asAcme(() => pool.connect())
  const before = processOf(client)
  await asAcme(() => client.query('begin'))
  const end = asAcme(() => client.query('rollback'))
  client.release()
  expect(() => client.release()).toThrow('already been released')
  expect((await asGlobex(() => pool.query(ofGlobex))).rowCount).toBe(1)
  await end
  const next = await pool.connect()
  expect(processOf(next)).toBe(before)
  next.release()
})

// mutation src/doors/pg-client.ts: if (session.state === 'clean' || watch === undefined) then() => if (session.state !== 'transaction') then()
it('answers what the system asked before it gave the client back', async () => {
  const pool = openPool(await createGuard(shopSchema, { enforcement: bypassingSystem }))
  const client = await pool.connect()
  const before = processOf(client)
  const asked = runAsSystem({ actor: 'nightly', reason: 'nightly_report' }, () =>
    client.query(`${ofGlobex}; select pg_sleep(0.05)`),
  )
  client.release()
  expect(await asked).toMatchObject([{ command: 'INSERT', rowCount: 1 }, { command: 'SELECT' }])
  const next = await pool.connect()
  expect(processOf(next)).not.toBe(before)
  next.release()
})

it('gives a client back whose connection is gone, whatever it waits for', async () => {
  const pool = openPool()
  const client = await asAcme(() => pool.connect())
  client.on('error', () => undefined)
  await asAcme(() => client.query('begin'))
  const sleeping = asAcme(() => client.query(`select count(*) from generate_series(1, 100000000)`))
  const told = sleeping.catch((error: unknown) => error)
  await shop.raw.query('select pg_terminate_backend($1)', [processOf(client)])
  await told
  const end = asAcme(() => client.query('rollback'))
  client.release()
  await expect(end).rejects.toThrow()
  expect((await asGlobex(() => pool.query(ofGlobex))).rowCount).toBe(1)
})

it('knows who a transaction belongs to on a client that connects later', async () => {
  const client = guardClient(new pg.Client(shop.url), shop.guard)
  onTestFinished(() => client.end())
  // It is sent when the connection is there.
  const begun = asAcme(() => client.query('begin'))
  await client.connect()
  await begun
  await expect(asGlobex(() => client.query(ofGlobex))).rejects.toMatchObject(opaque)
  await asAcme(() => client.query('rollback'))
  expect((await asGlobex(() => client.query(ofGlobex))).rowCount).toBe(1)
})

// mutation src/guard/transaction-tenant.ts: owner ??= before?.owner => owner ??= undefined
it('knows whose transaction it is after texts that nobody could read, and stops nobody who is only logged', async () => {
  const enforcement = switches('log')
  const guard = await createGuard(shopSchema, { enforcement })
  const pool = openPool(guard)
  const client = await pool.connect()
  await asAcme(() => client.query(`do 'begin end'; begin; ${ofAcme}; savepoint s`))
  await asGlobex(() => client.query('select 1'))
  enforcement.action = 'block'
  await expect(asGlobex(() => client.query('commit'))).rejects.toMatchObject(opaque)
  await asAcme(() => client.query('rollback'))
  client.release()
  expect(await shop.rows()).toEqual(allRows)
})
