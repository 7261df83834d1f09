import { setTimeout as wait } from 'node:timers/promises'
import { createGuard } from '@partywall/sql'
import { guardPostgres } from '@partywall/sql/postgres'
import postgres, { type PendingQuery, type Row, type Sql } from 'postgres'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { type CancelLine, type CancelLineOptions, openCancelLine } from './cancel-line.ts'
import { asAcme, asGlobex, asSystem } from './postgres-shop.ts'
import { bypassingSystem, type Shop, shopSchema, startShop } from './shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
  await shop.raw.query(
    'alter table orders add constraint once unique (id, tenant_id, item) deferrable initially deferred',
  )
})
afterAll(() => shop.stop())

const name = 'late cancels'
const connection = { application_name: name }

/** A client of one connection by such a line, unless `more` says otherwise. */
async function open(
  line: CancelLineOptions = {},
  more: object = {},
): Promise<CancelLine & { readonly sql: Sql }> {
  const opened = await openCancelLine(shop.url, line)
  const raw = postgres({ ...opened.options, max: 1, backoff: false, connection, ...more } as never)
  const guard = await createGuard(shopSchema, { enforcement: bypassingSystem })
  const sql = guardPostgres(raw, guard)
  onTestFinished(() => sql.end({ timeout: 1 }))
  await later(sql)
  return { ...opened, sql }
}

const later = (sql: Sql): Promise<Row[]> => asGlobex(() => sql`select 1 as one`)
const one = [{ one: 1 }]

/** Until something was sent on, or nothing of it comes. */
const until =
  (text: string) =>
  async (seen: readonly string[]): Promise<boolean> => {
    for (let i = 0; i < 100 && !hasSeen(seen, text); i += 1) await wait(3)
    await wait(10)
    return true
  }

const hasSeen = (seen: readonly string[], text: string): boolean =>
  seen.some((each) => each.includes(text))

type Counted = PendingQuery<Row[]>
const count = (sql: Pick<Sql, 'unsafe'>, last: number) =>
  sql.unsafe(`select count(*) from generate_series(1, ${last})`) as Counted

/** Answered, with a request on its way that comes too late. */
async function cancelLate(sql: Pick<Sql, 'unsafe'>): Promise<void> {
  const query = count(sql, 1000).execute()
  await new Promise(setImmediate)
  query.cancel()
  expect([...(await query)]).toEqual([{ count: '1000' }])
}

/** Each of them is free after. */
async function openAll(sql: Sql, max: number): Promise<void> {
  let waiting = max
  let go: () => void = () => undefined
  const all = new Promise<void>((resolve) => {
    go = resolve
  })
  const begin = () =>
    asGlobex(() =>
      sql.begin(() => {
        waiting -= 1
        if (waiting === 0) go()
        return all
      }),
    )
  await Promise.all(Array.from({ length: max }, begin))
}

// mutation src/doors/postgres-lines.ts: if (gone !== undefined) { => if (gone === null) {
// mutation src/doors/postgres-lines.ts: found.remove(connection) => void until
// mutation src/doors/postgres-lines.ts: found.push(connection) => void 0
it.each([1, 2])(
  'keeps a connection from others while a request to cancel is on its way to it, of %i',
  async (max) => {
    const { sql, seen } = await open({ deliver: until('300001') }, { max })
    await openAll(sql, max)
    await asAcme(() => cancelLate(sql))
    // By the other one: then it would be the turn of this one.
    if (max === 2) await later(sql)
    const next = await asGlobex(() => count(sql, 300_001))
    expect([...next]).toEqual([{ count: '300001' }])
    for (let i = 0; i < max; i += 1) await later(sql)
    expect(await Promise.all([later(sql), later(sql)])).toEqual([one, one])
    await vi.waitFor(() => expect(hasSeen(seen, 'request')).toBe(true))
  },
)

// mutation src/doors/postgres-transaction.ts: requests.gone(taken.backend) => requests.gone(taken)
it('commits when no request to cancel is on its way any more', async () => {
  const { sql, seen } = await open({ deliver: until('commit') })
  await asAcme(() => sql.begin((own) => cancelLate(own)))
  expect(seen.slice(-2)).toEqual(['request', expect.stringContaining('commit')])
})

/** By which connection it is answered. */
const pidOf = async (sql: Sql): Promise<unknown> => {
  await later(sql)
  const all = `select pid from pg_stat_activity where application_name = '${name}' order by backend_start desc`
  return (await shop.raw.query(all)).rows[0]?.pid
}

const ways: Readonly<Record<string, CancelLineOptions>> = {
  'came through': {},
  'came through by TLS': { tls: true },
  'broke on its way': { deliver: async () => false },
}

// mutation src/doors/postgres-cancel-requests.ts: driver.backoff = (retries => Object(driver).other = (retries
it.each(Object.entries(ways))('goes on by a connection after a request that %s', async (_, way) => {
  const { sql } = await open(way)
  const before = await pidOf(sql)
  await asAcme(() => cancelLate(sql))
  expect(await pidOf(sql)).toBe(before)
})

// mutation src/doors/postgres-lines.ts: if (!isGone) return connection.terminate() => if (!isGone) void 0
it('ends a connection to which a request is still on its way after some seconds', async () => {
  const { sql } = await open({ deliver: () => new Promise(() => undefined) })
  const before = await pidOf(sql)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  await asAcme(() => cancelLate(sql))
  const next = pidOf(sql)
  await vi.advanceTimersByTimeAsync(6000)
  vi.useRealTimers()
  expect(await next).not.toBe(before)
})

const insert = (sql: Pick<Sql, 'unsafe'>, id: number, tenant: string) =>
  sql.unsafe(`insert into orders values (${id}, '${tenant}', 'cap')`)

const failures: Readonly<Record<string, readonly [word: string, times: number]>> = {
  'its commit': ['commit', 1],
  'its rollback': ['rollback', 1],
  'any rollback of it': ['rollback', 100],
}

// mutation src/doors/postgres-transaction.ts: void giveBack?.() => void 0
// mutation src/doors/postgres-held.ts: if (connection.reserved === lent) connection.terminate() => void 0
it.each(Object.entries(failures))(
  'has the connection of a transaction again where %s fails before it ends anything',
  async (_, [word, times]) => {
    const { sql, garble } = await open()
    garble(word, times)
    const begun = asAcme(() =>
      sql.begin(async (own) => {
        await insert(own, 30, 'acme')
        if (word === 'rollback') throw new Error('mine')
      }),
    )
    await expect(begun).rejects.toMatchObject({ code: '42601' })
    expect([...(await later(sql))]).toEqual(one)
    const { rows } = await shop.raw.query('select 1 from orders where id = 30')
    expect(rows).toEqual([])
  },
)

// mutation src/doors/postgres-held.ts: if (lent === null || connection?.reserved !== lent) return => if (lent === null) return
it('leaves a connection alone that others have after a commit that failed', async () => {
  const { sql } = await open()
  const begun = asSystem(() =>
    sql.begin(async (own) => {
      await own`set work_mem = '8MB'`
      await insert(own, 31, 'acme')
      await insert(own, 31, 'acme')
    }),
  )
  const next = asGlobex(() => sql.begin((own) => insert(own, 31, 'globex')))
  await expect(begun).rejects.toMatchObject({ code: '23505' })
  await next
  const { rows } = await shop.raw.query('select tenant_id from orders where id = 31')
  expect(rows).toEqual([{ tenant_id: 'globex' }])
})
