import { guardPostgres } from '@partywall/sql/postgres'
import postgres, { type Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openFaultyLine } from './faulty-line.ts'
import { asAcme, asGlobex, postgresOptions } from './postgres-shop.ts'
import { type Shop, startShop } from './shop.ts'
import { hearUncaught } from './uncaught.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
  await shop.raw.query(
    `insert into orders select 7, 'globex', 'cup' || i from generate_series(1, 9) i`,
  )
})
afterAll(() => shop.stop())

const uncaught = hearUncaught()

function open(more: object = {}): Sql {
  const options = { ...postgresOptions(shop.url), max: 1, backoff: 0.01, ...more }
  const sql = guardPostgres(postgres(options as never), shop.guard)
  onTestFinished(() => sql.end({ timeout: 0 }))
  return sql
}

const cups = (sql: Sql) => sql`select id, item from orders where tenant_id = ${'globex'} and id = 7`
const itemsOf = (sql: Sql, tenant: string) =>
  sql`select item from orders where tenant_id = ${tenant} and id < 7 order by item`

/** What acme and globex are answered, one after the other on one line. */
async function answered(sql: Sql): Promise<unknown> {
  const answers = [1, 2].flatMap(() => [
    asAcme(() => itemsOf(sql, 'acme')),
    asGlobex(() => itemsOf(sql, 'globex')),
  ])
  return (await Promise.all(answers)).map((rows) => Array.from(rows, (row) => row?.['item']))
}
const own = [['ink', 'pen'], ['cup'], ['ink', 'pen'], ['cup']]

const fail = (): never => {
  throw new Error('mine')
}
const onCup = (value: unknown): unknown => (value === 'cup3' ? fail() : value)

const onRow = (row: { readonly item?: unknown }): unknown => {
  onCup(row.item)
  return row
}

/** Each way in which the user's own code fails while rows are read. */
const readers: Readonly<Record<string, object>> = {
  'a parser': { types: { text: { to: 25, from: [25], serialize: String, parse: onCup } } },
  'a transform of values': { transform: { value: onCup } },
  'a transform of rows': { transform: { row: onRow } },
  'a transform of columns': {
    transform: { column: (name: string) => (name === 'id' ? fail() : name) },
  },
}

/** Each way in which rows are asked for. */
const asked: Readonly<Record<string, (sql: Sql) => PromiseLike<unknown>>> = {
  'in several batches': (sql) => cups(sql).cursor(2, () => undefined),
  'in one batch': (sql) => cups(sql).cursor(50, () => undefined),
  'one by one': (sql) => cups(sql).cursor(1, () => undefined),
  'and walked': async (sql) => {
    for await (const rows of cups(sql).cursor(2)) void rows
  },
  'as lists': (sql) =>
    cups(sql)
      .values()
      .cursor(2, () => undefined),
  'without a cursor': (sql) => cups(sql),
  'with a callback for each': (sql) => cups(sql).forEach(() => void 0),
  'and described': (sql) => cups(sql).describe(),
}

describe.each(Object.entries(readers))('%s that throws moves no answer of others', (_, more) => {
  // mutation src/doors/postgres-cursor.ts: if (isInRow) { => if (isInRow && rows < 0) {
  // mutation src/doors/postgres-cursor.ts: return state === 'over' && !isFull ? undefined : take => return take
  it.each(Object.entries(asked))('where rows are read %s', async (__, read) => {
    const sql = open(more)
    for (let i = 0; i < 2; i += 1) {
      const reading = asGlobex(() => read(sql)).catch((error: unknown) => error)
      const early = answered(sql)
      const outcome = await reading
      if (outcome instanceof Error) expect(outcome.message).toMatch(/^mine$|undefined/)
      expect(await early).toEqual(own)
      expect(await answered(sql)).toEqual(own)
    }
  })
})

describe('a callback of a cursor that throws', () => {
  // mutation src/doors/postgres-cursor.ts: if (!isOver()) fail(error) => if (!isOver()) void fail
  it.each([
    ['in the midst', 3, () => fail()],
    ['in the midst, later', 3, async () => fail()],
    ['at the end', 50, () => fail()],
    ['at the end, later', 50, async () => fail()],
  ])('fails its query alone, %s', async (_, rows, work) => {
    const sql = open()
    const reading = asGlobex(() => cups(sql).cursor(rows, work as () => void)).catch(
      (error: unknown) => error,
    )
    const early = answered(sql)
    expect(await reading).toMatchObject({ message: 'mine' })
    expect(await early).toEqual(own)
    expect(await asAcme(() => sql.begin((tx) => tx`select 1 as one`))).toEqual([{ one: 1 }])
    expect(uncaught.heard).toEqual([])
  })
})

// mutation src/doors/postgres-cursor.ts: if (!isOver()) return told => return told
it.each(['leaves', 'reads on', 'throws'])(
  'sends nothing for a cursor that %s after its connection was lost',
  async (how) => {
    const line = await openFaultyLine(shop.url)
    const sql = open({ host: '127.0.0.1', path: undefined, port: line.port })
    let goOn: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      goOn = resolve
    })
    let isRead: () => void = () => undefined
    const first = new Promise<void>((resolve) => {
      isRead = resolve
    })
    const reading = asGlobex(() =>
      cups(sql).cursor(2, (async () => {
        isRead()
        await held
        if (how === 'throws') throw new Error('mine')
        return how === 'leaves' ? sql.CLOSE : undefined
      }) as () => void),
    ).catch(({ code }) => code)
    await first
    line.break()
    expect(await reading).toBe('CONNECTION_CLOSED')
    expect(await answered(sql)).toEqual(own)
    const slow = asAcme(() => sql`select count(*) from generate_series(1, 300000)`)
    const behind = answered(sql)
    goOn()
    expect([...(await slow)]).toEqual([{ count: '300000' }])
    expect(await behind).toEqual(own)
    expect(await answered(sql)).toEqual(own)
  },
)

// mutation src/doors/postgres-answers.ts: result.splice(0, first) => void first
it('keeps no room in an answer for the rows of one that failed', async () => {
  const sql = open()
  const failing = asGlobex(() => sql`select 1 / (3 - x) from generate_series(1, 5) x`)
  await expect(failing).rejects.toMatchObject({ code: '22012' })
  expect(await answered(sql)).toEqual(own)
})

type Batch = postgres.RowList<postgres.Row[]>
type BothWays = { cursor(rows: number, next: (rows: Batch) => void): Promise<unknown> }

it('tells what a cursor tells without a guard', async () => {
  const told = async (sql: Sql): Promise<unknown> => {
    const seen: unknown[] = []
    const note = (rows: readonly postgres.Row[]): void => {
      const { count, command, length } = rows as Batch
      seen.push([length, count, command, rows[0]])
    }
    const result = await cups(sql).cursor(4, note)
    for await (const rows of cups(sql).values().cursor(5)) seen.push([...rows])
    for await (const rows of cups(sql).cursor(2)) {
      seen.push([...rows])
      if (seen.length > 8) break
    }
    // Not in its types: each row goes to the one, and how many there were to the other.
    const both = cups(sql).forEach((row) => void seen.push(row)) as unknown as BothWays
    await both.cursor(4, note)
    return [seen, result.count, result.command, [...result]]
  }
  const plain = postgres({ ...postgresOptions(shop.url), max: 1 } as never)
  onTestFinished(() => plain.end())
  expect(await asGlobex(() => told(open()))).toEqual(await told(plain))
})
