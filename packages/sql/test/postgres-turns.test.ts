import { createGuard, type Guard } from '@partywall/sql'
import type postgres from 'postgres'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { switches } from './enforcement.ts'
import { asAcme, asGlobex, asSystem, openOne } from './postgres-shop.ts'
import { allRows, bypassingSystem, type Shop, shopSchema, startShop } from './shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.stop())

const open = (guard: Guard | undefined, more?: object): Sql => openOne(shop.url, guard, more)

const holds: Readonly<Record<string, (sql: Sql) => Promise<unknown>>> = {
  'a transaction': (sql) =>
    asAcme(() =>
      sql.begin(async (own) => {
        await own`insert into orders values (8, 'acme', 'cap')`
        throw new Error('mine')
      }),
    ),
  'a reserved connection': (sql) =>
    asAcme(async () => {
      const own = await sql.reserve()
      await own`begin`
      await own`insert into orders values (8, 'acme', 'cap')`
      own.release()
    }),
  'a statement that changes the session': (sql) => asSystem(() => sql`set work_mem = '8MB'`),
}

const pipelines = Object.keys(holds).flatMap((name) =>
  [1, 100].map((most) => [name, most] as const),
)

// mutation src/doors/postgres-turns.ts: first === undefined && lines.free > given => lines.free > -1
it.each(pipelines)(
  'keeps %s away from what others have on the line, of at most %i',
  async (name, max_pipeline) => {
    const guard = await createGuard(shopSchema, { enforcement: bypassingSystem })
    const sql = open(guard, { max_pipeline })
    const read = () => asGlobex(() => sql`select item from orders where tenant_id = ${'globex'}`)
    await read()
    const before = Array.from({ length: max_pipeline }, read)
    const held = holds[name]?.(sql).catch((error: unknown) => error)
    const written = asGlobex(() => sql`insert into orders values (7, 'globex', 'jar')`)
    await Promise.all([...before, held, written])
    expect(await held).not.toBeInstanceOf(TypeError)
    expect(await shop.rows()).toEqual([...allRows, 'globex 7 jar'])
    await shop.raw.query('delete from orders where id >= 7')
  },
)

const modes = ['none', 'log', 'block'] as const

// mutation src/doors/postgres-transaction.ts: await tick => void tick
it.each(modes)('sends in the order in which it is asked, with enforcement %s', async (mode) => {
  const guard =
    mode === 'none' ? undefined : await createGuard(shopSchema, { enforcement: switches(mode) })
  const sql = open(guard)
  const count = `select count(*)::int as n from orders where tenant_id = 'acme'`
  const counts = await asAcme(async () => {
    const first = sql`insert into orders values (8, 'acme', 'cap')`.execute()
    const second = sql.begin((own) => own.unsafe(count))
    const third = sql`delete from orders where tenant_id = 'acme' and id = 8`.execute()
    const fourth = sql.begin((own) => own.unsafe(count))
    const fifth = sql.unsafe(count).execute()
    const [, two, , four, five] = await Promise.all([first, second, third, fourth, fifth])
    return [two, four, five].map((rows) => (rows as unknown as { n: number }[])[0]?.n)
  })
  expect(counts).toEqual([3, 2, 2])
})

it('sends nothing that was cancelled while it waited for its turn', async () => {
  const sql = open(shop.guard)
  await asAcme(async () => {
    const first = sql`select count(*) from generate_series(1, 300000)`.execute()
    const second = sql.begin((own) => own`select 1`)
    const third = sql`insert into orders values (8, 'acme', 'cap')`.execute()
    await new Promise(setImmediate)
    third.cancel()
    await expect(third).rejects.toMatchObject({ code: '57014' })
    await Promise.all([first, second])
  })
  expect(await shop.rows()).toEqual(allRows)
})

it('knows the columns of each of several statements', async () => {
  const sql = open(shop.guard)
  const results = await asAcme(() => sql.unsafe('select 1 as a; select 2 as b, 3 as c'))
  const names = (results as unknown as postgres.RowList<postgres.Row[]>[]).map(({ columns }) =>
    columns.map(({ name }) => name),
  )
  expect(names).toEqual([['a'], ['b', 'c']])
})

it('throws the error again that the work of a transaction has caught', async () => {
  const sql = open(shop.guard)
  let caught: unknown
  const begun = asAcme(() =>
    sql.begin((own) =>
      own`select ${0}::int / 0`.catch((error: unknown) => {
        caught = error
        throw error
      }),
    ),
  )
  expect(await begun.catch((error: unknown) => error)).toBe(caught)
})

// mutation src/doors/postgres-cancel.ts: setImmediate(() => active && requests.send(query)) => requests.send(query)
// mutation src/doors/postgres-cancel.ts: else if (query.state !== null) cancelInTurn(query, requests) => else if (query.state !== null) requests.send(query)
it('cancels on a line of its own, and hears the one that is there as before', async () => {
  const guard = await createGuard(shopSchema, { enforcement: bypassingSystem })
  const sql = open(guard)
  await asSystem(async () => {
    const own = await sql.reserve()
    await own.unsafe('set search_path = pg_catalog')
    const first = own`select pg_sleep(0.1)`.execute()
    const second = own`select pg_sleep(20)`.execute()
    await new Promise(setImmediate)
    second.cancel()
    await first
    await expect(second).rejects.toMatchObject({ code: '57014' })
    own.release()
  })
  // Until it is clean again, nobody is served by a client of which one connection has another path.
  const read = () => asGlobex(() => sql`select item from orders where tenant_id = ${'globex'}`)
  await expect.poll(() => read().catch(() => [])).toHaveLength(1)
})
