import { setTimeout as wait } from 'node:timers/promises'
import { createGuard, type Guard } from '@partywall/sql'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { switches } from './enforcement.ts'
import { asAcme, asGlobex, openOne } from './postgres-shop.ts'
import { type Shop, shopSchema, startShop } from './shop.ts'

let shop: Shop
let lenient: Guard
beforeAll(async () => {
  shop = await startShop()
  lenient = await createGuard(shopSchema, { enforcement: switches('log') })
})
afterAll(() => shop.stop())

/** One connection: what is sent by others stands on the same line. */
const open = (guard: Guard | undefined, more?: object): Sql => openOne(shop.url, guard, more)

const itemsOf = (sql: Sql, tenant: string) =>
  sql`select item from orders where tenant_id = ${tenant} order by item`
const slow = (sql: Sql) => sql`select count(*) from generate_series(1, 300000)`
const ofAcme = [{ item: 'ink' }, { item: 'pen' }]
const ofGlobex = [{ item: 'cup' }]

/** What was said, without what only people read of it. */
const saidOf = (work: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(work).then(
    (rows) => [...(rows as unknown[])],
    ({ name, message, code }) => ({ name, message, code }),
  )

/** By a name for each: with a value that is sent, and with one that nobody can write. */
const values: Readonly<Record<string, (sql: Sql, isBad: boolean) => Promise<unknown>>> = {
  'a moment that is none': (sql, isBad) =>
    sql`select ${isBad ? 'rubbish' : '2020-01-01'}::timestamptz as x`,
  'an object that JSON does not know': (sql, isBad) =>
    sql`select ${{ a: isBad ? 1n : 1 } as never}::jsonb as x`,
  'a number for bytes': (sql, isBad) => sql`select ${(isBad ? 5 : 'ab') as never}::bytea as x`,
  'a moment in a list': (sql, isBad) =>
    sql`select ${[isBad ? 'rubbish' : '2020-01-01']}::timestamptz[] as x`,
  'a symbol': (sql, isBad) => sql`select ${(isBad ? Symbol('a') : 'a') as never}::text as x`,
  'more values than fit': (sql, isBad) =>
    sql.unsafe('select 8 as x', isBad ? Array.from({ length: 65535 }, (_, i) => i) : []),
  'a type that is none': (sql, isBad) =>
    sql`select ${sql.typed('a' as never, isBad ? -1 : 25)} as x`,
}

describe.each(Object.entries(values))('%s', (_, send) => {
  // mutation src/doors/sealed-values.ts: if (this.#statement?.describeFirst) throw error => throw error
  // mutation src/doors/postgres-sender.ts: checkNumber(typeof type === 'object' ? type.element : type) => void type
  // mutation src/doors/postgres-sender.ts: checkCount(values) => void checkCount
  it('moves no answer of those who are on the line', async () => {
    const sql = open(shop.guard)
    for (const tenant of ['acme', 'globex']) {
      await (tenant === 'acme' ? asAcme : asGlobex)(() => itemsOf(sql, tenant))
    }
    await asGlobex(() => send(sql, false))
    await asGlobex(() => send(sql, false))
    const first = asAcme(() => slow(sql))
    const bad = asGlobex(() => saidOf(send(sql, true)))
    const next = asAcme(() => itemsOf(sql, 'acme'))
    const last = asGlobex(() => itemsOf(sql, 'globex'))
    expect([...(await first)]).toEqual([{ count: '300000' }])
    expect(await bad).toHaveProperty('message')
    expect([...(await next)]).toEqual(ofAcme)
    expect([...(await last)]).toEqual(ofGlobex)
    expect([...(await asGlobex(() => itemsOf(sql, 'globex')))]).toEqual(ofGlobex)
  })

  // mutation src/doors/postgres-unwritten.ts: reject(writingError(values, error)) => reject(error)
  it('is the same error as without a guard, the first time and later', async () => {
    const outcomes = [undefined, lenient].map(async (guard) => {
      const sql = open(guard)
      const said = [await saidOf(send(sql, true))]
      await send(sql, false)
      for (const isBad of [false, true, false, true]) {
        // A client without a guard forgets a second one that comes before the server is ready again.
        await wait(20)
        said.push(await saidOf(send(sql, isBad)))
      }
      return said
    })
    const [plain, guarded] = await Promise.all(outcomes)
    expect(guarded).toEqual(plain)
  })

  it('fails its transaction, also where nobody waits for it', async () => {
    const sql = open(lenient)
    await send(sql, false)
    await send(sql, false)
    const said = await saidOf(send(sql, true))
    const begun = sql.begin(async (own) => {
      void send(own as unknown as Sql, true).catch(() => undefined)
      await own`select 1`.catch(() => undefined)
      return []
    })
    expect(await saidOf(begun)).toMatchObject({ message: (said as Error).message })
  })
})

// mutation src/doors/sealed-values.ts: export const unwritten = '\0' => export const unwritten = '2020-01-01'
it('does nothing of a statement with a value that cannot be written', async () => {
  const sql = open(shop.guard)
  const insert = (when: string) => sql`insert into orders (id, tenant_id, item)
    values (${8}, ${'acme'}, (${when}::timestamptz)::text)`
  for (const when of ['2020-01-01', '2020-01-01']) await asAcme(() => insert(when))
  const before = await shop.rows()
  await expect(asAcme(() => insert('rubbish'))).rejects.toThrow('Invalid time value')
  expect(await shop.rows()).toEqual(before)
  await shop.raw.query('delete from orders where id = 8')
})

const wide = 'x'.repeat(70)
/** What the server has to say of it comes before it says which types its values have. */
const spoken: Readonly<Record<string, (sql: Sql) => PromiseLike<unknown>>> = {
  'a statement': (sql) => sql.unsafe(`select $1::int as ${wide}`, [1]),
  'a description': (sql) => sql.unsafe(`select $1::int as ${wide}`, [1]).describe(),
  'a cursor': (sql) => sql.unsafe(`select $1::int as ${wide}`, [1]).cursor(1, () => undefined),
  'a cursor without values': (sql) =>
    sql.unsafe(`select 1 as ${wide}`, [], { simple: false } as never).cursor(1, () => undefined),
}

// mutation src/doors/postgres-unwritten.ts: statement.describeFirst = false => void statement
it.each(Object.entries(spoken))('moves no answer where onnotice throws in %s', async (_, speak) => {
  const onnotice = (): void => {
    throw new Error('mine')
  }
  const sql = open(lenient, { onnotice })
  for (const tenant of ['acme', 'globex']) await itemsOf(sql, tenant)
  const outcome = saidOf(speak(sql))
  const next = itemsOf(sql, 'acme')
  const last = itemsOf(sql, 'globex')
  expect(await outcome).toMatchObject({ message: 'mine' })
  expect([...(await next)]).toEqual(ofAcme)
  expect([...(await last)]).toEqual(ofGlobex)
  expect([...(await itemsOf(sql, 'acme'))]).toEqual(ofAcme)
})

// mutation src/doors/postgres-options.ts: process.emitWarning(error instanceof Error ? error : String(error)) => throw error
it('sends what a debug hook fails to look at, and warns of it', async () => {
  const warned: unknown[] = []
  const hear = (warning: Error): void => void warned.push(warning.message)
  const others = process.listeners('warning')
  process.removeAllListeners('warning').on('warning', hear)
  onTestFinished(() => {
    process.off('warning', hear)
    for (const each of others) process.on('warning', each)
  })
  let fails = false
  const debug = (): void => {
    if (fails) throw new Error('mine')
  }
  const sql = open(shop.guard, { debug })
  for (const tenant of ['acme', 'globex'] as const) {
    await (tenant === 'acme' ? asAcme : asGlobex)(() => itemsOf(sql, tenant))
  }
  fails = true
  const [first, next, last] = [
    asAcme(() => slow(sql)),
    asAcme(() => itemsOf(sql, 'acme')),
    asGlobex(() => itemsOf(sql, 'globex')),
  ]
  expect([...(await first)]).toEqual([{ count: '300000' }])
  expect([...(await next)]).toEqual(ofAcme)
  expect([...(await last)]).toEqual(ofGlobex)
  expect(await asAcme(() => sql.begin((own) => own`select 1 as one`))).toEqual([{ one: 1 }])
  await expect.poll(() => warned).toContain('mine')
})

it('takes what is no function for no serializer', async () => {
  const sql = open(shop.guard)
  const read = () => asAcme(() => sql`select ${'2020-01-01'}::date::text as x`)
  await read()
  Object.assign(sql.options.serializers, { 1082: 'none' })
  for (let i = 0; i < 2; i += 1) expect([...(await read())]).toEqual([{ x: '2020-01-01' }])
})
