import { setTimeout as wait } from 'node:timers/promises'
import { createGuard } from '@partywall/sql'
import { guardPool } from '@partywall/sql/pg'
import { guardPostgres } from '@partywall/sql/postgres'
import pg from 'pg'
import postgres, { type Sql } from 'postgres'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { type FaultyLine, openFaultyLine } from './faulty-line.ts'
import { asAcme, asGlobex, asSystem, postgresOptions } from './postgres-shop.ts'
import { bypassingSystem, type Shop, shopSchema, startShop } from './shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.stop())

async function openSql(more: object = {}): Promise<{ sql: Sql; line: FaultyLine }> {
  const line = await openFaultyLine(shop.url)
  const { path: _, ...options } = postgresOptions(shop.url)
  const raw = postgres({
    ...options,
    host: '127.0.0.1',
    port: line.port,
    max: 1,
    backoff: false,
    ...more,
  } as never)
  const guard = await createGuard(shopSchema, { enforcement: bypassingSystem })
  const sql = guardPostgres(raw, guard)
  onTestFinished(() => sql.end({ timeout: 1 }))
  return { sql, line }
}

const cup = [{ item: 'cup' }]
const items = (sql: Sql) => sql`select item from orders where tenant_id = ${'globex'}`

const afterwards: Readonly<Record<string, (sql: Sql) => PromiseLike<unknown>>> = {
  'a statement': (sql) => items(sql),
  'a transaction': (sql) => sql.begin((own) => own`select 1`),
  'a reserved connection': async (sql) => (await sql.reserve()).release(),
}

// mutation src/doors/postgres-lines.ts: if (!isAnswer(error)) fail(error) => fail(error)
it.each(Object.entries(afterwards))(
  'serves %s, and tells nothing of what another tenant heard as the connection was lost',
  async (_, next) => {
    const { sql, line } = await openSql()
    await asAcme(() => sql`select 1`)
    line.loseEnd()
    const first = asAcme(() => sql.unsafe(`select 'a secret of acme'::text::int`))
    await new Promise(setImmediate)
    const second = asGlobex(() => next(sql))
    const third = asGlobex(() => items(sql))
    await expect(first).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    await second
    expect(await third).toEqual(cup)
  },
)

it('answers what the system sends when the connection breaks for which it waited', async () => {
  const { sql, line } = await openSql()
  await asAcme(() => sql`select 1`)
  const slow = asAcme(() => sql`select count(*) from generate_series(1, 100000000)`)
  const heard = expect(slow).rejects.toThrow()
  await wait(50)
  const waiting = asSystem(() => sql`set work_mem = '8MB'`).catch(() => undefined)
  await wait(50)
  line.break()
  await heard
  await waiting
  await asGlobex(() => items(sql)).catch(() => undefined)
  expect(await asGlobex(() => items(sql))).toEqual(cup)
  await sql.end()
})

it.each([1, 2])('lets the system begin with what changes a session, of %i', async (max) => {
  const { sql } = await openSql({ fetch_types: false, max })
  await asSystem(() => sql`set work_mem = '8MB'`)
  await asSystem(async () => (await sql.reserve()).release())
  expect(await asGlobex(() => items(sql))).toEqual(cup)
})

// mutation src/doors/postgres-held.ts: given?.terminate() => void given
it('ends a connection that cannot be cleaned, and opens another one', async () => {
  const { sql } = await openSql({ connection: { statement_timeout: 200 } })
  const own = await asSystem(() => sql.reserve())
  await asSystem(() => own.unsafe('create temp table drafts ()'))
  const [{ schema } = { schema: '' }] = await asSystem(
    () => own`select nspname as schema from pg_namespace where oid = pg_my_temp_schema()`,
  )
  const other = await shop.raw.connect()
  await other.query(`begin; lock table ${schema}.drafts in share mode`)
  own.release()
  const read = asGlobex(() => items(sql))
  await wait(700)
  await other.query('rollback')
  other.release()
  expect(await read).toEqual(cup)
})

// mutation src/doors/pg-transaction.ts: timer = setTimeout(tell, timeout, false) => void tell
it.each(['the client', 'a statement'])(
  'gives no client of pg back that waits for a silent server longer than %s may take',
  async (whose) => {
    const line = await openFaultyLine(shop.url)
    const { user, password, database } = postgresOptions(shop.url)
    const inner = new pg.Pool({
      host: '127.0.0.1',
      port: line.port,
      user,
      password: password as string,
      database,
      max: 1,
      ...(whose === 'the client' && { query_timeout: 100 }),
    })
    inner.on('error', () => undefined)
    const pool = guardPool(inner, shop.guard)
    const limited = (text: string): pg.QueryConfig =>
      ({ text, ...(whose === 'a statement' && { query_timeout: 100 }) }) as pg.QueryConfig
    await asAcme(async () => {
      const client = await pool.connect()
      await client.query(limited('begin'))
      line.fallSilent()
      await expect(client.query(limited('select 1'))).rejects.toThrow('timeout')
      await expect(client.query(limited('rollback'))).rejects.toThrow('timeout')
      client.release()
    })
    await wait(300)
    const { rows } = await asGlobex(() =>
      pool.query(`select item from orders where tenant_id = 'globex'`),
    )
    expect(rows).toEqual(cup)
    line.break()
    await pool.end()
  },
)
