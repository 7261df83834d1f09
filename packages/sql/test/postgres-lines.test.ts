import { setTimeout as wait } from 'node:timers/promises'
import { createGuard, type Guard } from '@partywall/sql'
import { guardPostgres } from '@partywall/sql/postgres'
import postgres, { type Sql } from 'postgres'
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from 'vitest'
import { switches } from './enforcement.ts'
import { openFaultyLine } from './faulty-line.ts'
import { asAcme, asGlobex, asSystem, postgresOptions } from './postgres-shop.ts'
import { allRows, bypassingSystem, type Shop, shopSchema, startShop } from './shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterEach(() => shop.raw.query('delete from orders where id >= 7'))
afterAll(() => shop.stop())

const guards: Readonly<Record<string, () => Promise<Guard>>> = {
  off: () => createGuard(shopSchema, { enforcement: { ...switches('off'), watching: false } }),
  log: () => createGuard(shopSchema, { enforcement: switches('log') }),
  enforce: () => createGuard(shopSchema, { enforcement: bypassingSystem }),
}

async function open(more: object = {}, guard = guards['enforce']?.()): Promise<Sql> {
  const raw = postgres({ ...postgresOptions(shop.url), max: 1, ...more } as never)
  const made = await guard
  if (made === undefined) throw new Error('expected a guard')
  const sql = guardPostgres(raw, made)
  onTestFinished(() => sql.end({ timeout: 1 }))
  return sql
}

interface Slow {
  readonly done: Promise<unknown>
  letGo(): Promise<void>
}

/** A statement that is on its way, and waits until it is let go. */
async function slow(sql: Sql): Promise<Slow> {
  const client = await shop.raw.connect()
  await client.query(`begin; select * from orders where tenant_id = 'acme' for update`)
  let isHeld = true
  const letGo = async (): Promise<void> => {
    if (!isHeld) return
    isHeld = false
    await client.query('rollback')
    client.release()
  }
  onTestFinished(letGo)
  const done = asAcme(() => sql`update orders set item = item where tenant_id = 'acme'`)
  done.catch(() => undefined)
  await wait(20)
  return { done, letGo }
}

const cup = [{ item: 'cup' }]
// No values: the driver would send several of these by one connection.
const read = (sql: Sql) =>
  asGlobex(() => sql`select item from orders where tenant_id = 'globex' and id < 7`)
const begin = (sql: Sql) =>
  asGlobex(() => sql.begin((own) => own`select item from orders where tenant_id = 'globex'`))

/** What answers before the server is ready for somebody else. */
const early: Readonly<Record<string, (sql: Pick<Sql, 'unsafe'>) => PromiseLike<unknown>>> = {
  'a description': (sql) => sql.unsafe('select 1').describe(),
  'an error of the user': (sql) =>
    sql
      .unsafe('select g from generate_series(1, 20000) g')
      .forEach(() => {
        throw new Error('mine')
      })
      .then(null, () => undefined),
  'a stream': async (sql) => {
    const stream = await sql.unsafe('copy orders from stdin').writable()
    stream.end()
  },
  'a cursor that is left': async (sql) => {
    for await (const _ of sql.unsafe('select generate_series(1, 9)').cursor(2)) break
  },
}

it.each(
  Object.keys(early).flatMap((name) => ['off', 'log', 'enforce'].map((mode) => [name, mode])),
)('gives a reserved connection back after %s, with enforcement %s', async (name, mode) => {
  const sql = await open({}, guards[mode]?.())
  const as = mode === 'enforce' ? asSystem : asAcme
  await as(async () => {
    const own = await sql.reserve()
    await early[name]?.(own)
    own.release()
  })
  await expect.poll(() => begin(sql).catch(() => [])).toEqual(cup)
})

// mutation src/doors/postgres-turns.ts: lines.free <= given) break => lines.free < given) break
it.each(Object.keys(early).flatMap((name) => [1, 100].map((most) => [name, most] as const)))(
  'begins nothing behind %s, with a line of at most %i',
  async (name, max_pipeline) => {
    const sql = await open({ max_pipeline })
    await read(sql)
    await asSystem(async () => early[name]?.(sql))
    expect(await begin(sql)).toEqual(cup)
    await asGlobex(() => sql`insert into orders values (7, 'globex', 'jar')`)
    expect(await shop.rows()).toEqual([...allRows, 'globex 7 jar'])
  },
)

it('sends a statement only when the one before is answered', async () => {
  const sent: string[] = []
  const sql = await open({ debug: (_: number, text: string) => sent.push(text) })
  await read(sql)
  const first = await slow(sql)
  sent.length = 0
  const others = [read(sql), read(sql)]
  await wait(50)
  expect(sent).toEqual([])
  await first.letGo()
  await first.done
  expect(await Promise.all(others)).toEqual([cup, cup])
})

it('serves whoever comes by another connection than one that waits', async () => {
  const sql = await open({ max: 2 })
  await Promise.all([read(sql), read(sql)])
  const first = await slow(sql)
  expect(await Promise.all([read(sql), read(sql), begin(sql), read(sql)])).toEqual(
    Array.from({ length: 4 }, () => cup),
  )
  await first.letGo()
  await first.done
})

// mutation src/doors/postgres-turns.ts: turn.isWanted?.() === false) shift() => turn.isWanted?.() === false) next(void shift())
it('forgets any number of statements that were cancelled while they waited', async () => {
  const sql = await open()
  await read(sql)
  const first = await slow(sql)
  await asAcme(async () => {
    const many = Array.from({ length: 20_000 }, () => sql`select 1`.execute())
    const outcomes = Promise.allSettled(many)
    await wait(10)
    for (const each of many) each.cancel()
    expect((await outcomes).every(({ status }) => status === 'rejected')).toBe(true)
  })
  const last = [begin(sql), read(sql)]
  await first.letGo()
  await first.done
  expect(await Promise.all(last)).toEqual([cup, cup])
})

it('forgets a statement that is cancelled while its connection is opened', async () => {
  const sql = await open()
  await asAcme(async () => {
    const query = sql`insert into orders values (8, 'acme', 'cap')`.execute()
    const heard = expect(query).rejects.toMatchObject({ code: '57014' })
    for (let ticks = 0; ticks < 4; ticks += 1) await Promise.resolve()
    query.cancel()
    await heard
  })
  expect(await read(sql)).toEqual(cup)
  expect(await shop.rows()).toEqual(allRows)
})

// mutation src/doors/postgres-connection.ts: if (query.cancelled !== null) return => if (query.cancelled === undefined) return
it('sends nothing of the system that was cancelled while it waited', async () => {
  const sql = await open()
  const first = await slow(sql)
  await asSystem(async () => {
    const query = sql.unsafe('create table cancelled ()').execute()
    const heard = expect(query).rejects.toMatchObject({ code: '57014' })
    await wait(20)
    query.cancel()
    await heard
  })
  await first.letGo()
  await first.done
  expect(await read(sql)).toEqual(cup)
  const { rows } = await shop.raw.query(`select to_regclass('cancelled') as found`)
  expect(rows).toEqual([{ found: null }])
})

// mutation src/doors/postgres-connection.ts: void settings.changing(turns.emptied) => void 0
it.each([undefined, 5])('ends when what was asked for before is done, of %s', async (timeout) => {
  const sql = await open()
  await read(sql)
  const first = await slow(sql)
  const waiting = [begin(sql), read(sql)]
  await wait(20)
  const ended = sql.end(timeout === undefined ? undefined : { timeout })
  await wait(20)
  await first.letGo()
  await first.done
  expect(await Promise.all(waiting)).toEqual([cup, cup])
  await ended
  await expect(read(sql)).rejects.toMatchObject({ code: 'CONNECTION_ENDED' })
})

it('ends when what was asked for at once before is done', async () => {
  const sql = await open()
  await asGlobex(async () => {
    const first = sql`select 1 as one`.execute()
    const second = sql.begin((own) => own`select 1 as one`)
    const ended = sql.end()
    expect(await Promise.all([first, second])).toEqual([[{ one: 1 }], [{ one: 1 }]])
    await ended
  })
})

// mutation src/doors/postgres-connection.ts: turns.refuseAll( => void (
it('refuses whoever still waits when the time to end is over', async () => {
  const sql = await open()
  await read(sql)
  const first = await slow(sql)
  const lost = [first.done, begin(sql), read(sql)]
  const heard = Promise.all(
    lost.map((each) => expect(each).rejects.toMatchObject({ code: 'CONNECTION_DESTROYED' })),
  )
  await wait(20)
  await sql.end({ timeout: 0.1 })
  await heard
})

it.each(['off', 'log'])('begins within begin after its end, with enforcement %s', async (mode) => {
  const sql = await open({}, guards[mode]?.())
  const begun = sql.begin(async (own) => {
    await own`commit`
    return sql.begin((inner) => inner`select 1 as one`)
  })
  expect(await begun).toEqual([{ one: 1 }])
})

it('opens large objects in turn with others', async () => {
  const sql = await open({ max_pipeline: 1 })
  await read(sql)
  const first = await slow(sql)
  // Not in the driver's types: without a number it makes one.
  const largeObject = sql.largeObject as unknown as () => ReturnType<Sql['largeObject']>
  const opened = asSystem(async () => (await largeObject()).close())
  await wait(20)
  await first.letGo()
  await Promise.all([first.done, opened])
  await asGlobex(() => sql`insert into orders values (7, 'globex', 'jar')`)
  expect(await shop.rows()).toEqual([...allRows, 'globex 7 jar'])
})

// mutation src/doors/postgres-connection.ts: accept() => void 0
it('sends nothing by a connection that is opened for it, and reads texts otherwise', async () => {
  const sql = await open({ connection: { standard_conforming_strings: 'off' } })
  const written = asGlobex(() => sql`insert into orders values (7, 'globex', 'jar')`)
  await expect(written).rejects.toMatchObject({ code: 'TENANT_CONTEXT_REQUIRED' })
  expect(await shop.rows()).toEqual(allRows)
})

// mutation src/doors/postgres-lines.ts: [...Array(raw.options.max)].length => Number(raw.options.max)
it('counts connections as the driver does', async () => {
  const sent: string[] = []
  const sql = await open({ max: '3', debug: (_: number, text: string) => sent.push(text) })
  await read(sql)
  const first = await slow(sql)
  sent.length = 0
  const begun = begin(sql)
  await wait(20)
  expect(sent).toEqual([])
  await first.letGo()
  expect(await Promise.all([begun, read(sql)])).toEqual([cup, cup])
  await first.done
})

// mutation src/doors/postgres-lines.ts: if (!wasOpen && failing => if (wasOpen && failing
it('tells everybody for whom no connection comes about, and opens them again', async () => {
  const line = await openFaultyLine(shop.url)
  const near = { path: undefined, host: '127.0.0.1', port: line.port }
  const sql = await open({ ...near, backoff: false, max: 2 })
  line.refuse(true)
  const refused = Array.from({ length: 5 }, () => read(sql))
  for (const each of refused) await expect(each).rejects.toMatchObject({ code: 'ECONNRESET' })
  line.refuse(false)
  expect(await Promise.all([begin(sql), read(sql), begin(sql)])).toEqual([cup, cup, cup])
})

it('tells whoever has no right to connect, as the server does', async () => {
  const sql = await open({ database: 'nowhere' })
  for (const send of [read, begin, read]) {
    await expect(send(sql)).rejects.toMatchObject({ code: '3D000', severity: 'FATAL' })
  }
})

// mutation src/doors/postgres-lines.ts: if (!isShown) fail => if (isShown) fail
it('refuses a client of which it never sees a connection', async () => {
  const sql = await open({ max_pipeline: 0 })
  await expect(read(sql)).rejects.toMatchObject({ code: 'sql.client' })
})
