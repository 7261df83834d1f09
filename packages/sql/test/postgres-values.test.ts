import { createGuard, type Guard } from '@partywall/sql'
import { guardPostgres } from '@partywall/sql/postgres'
import postgres, { type Sql } from 'postgres'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { switches } from './enforcement.ts'
import { postgresOptions } from './postgres-shop.ts'
import { type Shop, shopSchema, startShop } from './shop.ts'

let shop: Shop
let lenient: Guard
beforeAll(async () => {
  shop = await startShop()
  // Whatever it makes of a statement, it sends it: what arrives is compared.
  lenient = await createGuard(shopSchema, { enforcement: switches('log') })
  await shop.raw.query(`create type mood as enum ('sad', 'ok');
    create table kinds (
      id serial, t text, v varchar(20), u uuid, i int, s smallint, b bigint, n numeric, f float8,
      bool bool, d date, ts timestamp, tz timestamptz, bytes bytea, j json, jb jsonb, m mood,
      ts_list text[], is_list int[], u_list uuid[], bools bool[], j_list jsonb[], p point,
      tz_list timestamptz[], grid int[][]
    )`)
})
afterAll(() => shop.stop())

type Client = Sql<{ pair: readonly [number, number] }>
type Work = (sql: Client) => Promise<unknown>

class Money {
  readonly #cents: number
  constructor(cents: number) {
    this.#cents = cents
  }
  toString(): string {
    return (this.#cents / 100).toFixed(2)
  }
}

/** What JSON has another word for, as decimals and instants have. */
class Decimal {
  readonly #text: string
  constructor(text: string) {
    this.#text = text
  }
  toJSON(): string {
    return this.#text
  }
  toString(): string {
    return this.#text
  }
}

const options = {
  types: {
    pair: {
      to: 600,
      from: [600],
      serialize: ([x, y]: readonly [number, number]) => `(${x},${y})`,
      parse: (text: string) => text.slice(1, -1).split(',').map(Number) as [number, number],
    },
  },
}

function open(guard?: Guard, more: object = {}): Client {
  const raw = postgres({
    ...postgresOptions(shop.url),
    max: 2,
    ...options,
    ...more,
  }) as unknown as Client
  const sql = guard === undefined ? raw : guardPostgres(raw, guard)
  onTestFinished(() => sql.end())
  return sql
}

const uuid = '0b0c2d4e-8f11-4c3a-9e5d-1a2b3c4d5e6f'
const when = new Date('2026-02-03T04:05:06.789Z')
const row = { t: 'x', i: 1, jb: { a: [1, 'ü', { b: null }] }, ts_list: ['a"b', 'c\\d', 'null'] }

const view = new Uint8Array(Array.from({ length: 16 }, (_, i) => i * 7))

/** As libraries of dates and amounts make them. */
const moment = {
  valueOf: () => when.getTime(),
  toString: () => 'Tue Feb 03 2026 04:05:06 GMT+0000',
}
const amount = { valueOf: () => 5.25, toString: () => '$5.25' }
const asked = { [Symbol.toPrimitive]: (hint: string) => (hint === 'string' ? '2026-01-01' : 42) }
const circular: Record<string, unknown> = { toString: () => '17' }
circular['self'] = circular
const large = { amount: 12n, toString: () => 'twelve' }

/** Inserts and shows what arrived, as text: parsers have no part in it. */
const shown = (values: Record<string, unknown>): Work => {
  return async (sql) => {
    const [inserted] = await sql`insert into kinds ${sql(values)} returning id`
    return sql`select to_jsonb(k) - 'id' as row from kinds k where id = ${inserted?.['id']}`
  }
}

const symbol = Symbol('a')

/** Of values that a driver fails to send: what it says, and whether its connection still answers. */
const failing = (values: Record<string, unknown>): Work => {
  return async (sql) => {
    const said = await shown(values)(sql).catch(({ name, message }) => ({ name, message }))
    return { said, later: [...(await sql`select 1 as one`)] }
  }
}

const cases: Readonly<Record<string, Work>> = {
  'one row': shown(row),
  'text of every kind': shown({ t: 'é\\"\'\n', v: 'x', u: uuid, m: 'sad' }),
  'numbers of every kind': shown({ t: 1.5, v: 2, i: 1, s: 2, b: 3, n: 4.25, f: -0.5 }),
  'numbers as texts': shown({ i: '1', s: '2', b: '9007199254740993', n: '1e100' }),
  'big integers': shown({ b: 9007199254740993n, n: 12n, t: 5n, i: 7n }),
  booleans: shown({ bool: true, t: false, jb: true }),
  'the text of a boolean': shown({ bool: 'true' }),
  dates: shown({ d: when, ts: when, tz: when }),
  'texts of dates': shown({ d: '2026-01-01', ts: '2026-01-01', tz: '2026-01-01T00:00:00Z' }),
  'numbers as dates': shown({ tz: 0 }),
  bytes: shown({ bytes: Buffer.from([0, 255, 92]) }),
  'a view of bytes': shown({ bytes: new Uint8Array([1, 2, 3, 4]).subarray(1, 3) }),
  'bytes without a view': shown({ bytes: view.buffer, t: view.buffer }),
  ...Object.fromEntries(
    [
      new Uint8ClampedArray(view.buffer, 8, 8),
      new Uint16Array(view.buffer, 8, 2),
      new Uint32Array(view.buffer, 8, 2),
      new Int8Array(view.buffer, 8, 3),
      new Int16Array(view.buffer, 8, 3),
      new Int32Array(view.buffer, 8, 2),
      new Float32Array(view.buffer, 8, 2),
      new Float64Array(view.buffer, 8, 1),
      new BigInt64Array(view.buffer, 8, 1),
      new DataView(view.buffer, 8, 4),
    ].map((each) => {
      // Views of every kind go to bytes as they are, and their text to a text.
      const { name } = each.constructor
      return [`${name} as bytes`, shown({ bytes: each, t: each, jb: { each } })]
    }),
  ),
  'a text as bytes': shown({ bytes: 'abc' }),
  nothing: shown({ t: null, i: null, jb: null, bool: null }),
  'objects as JSON': shown({ j: { a: 1 }, jb: { b: when, c: undefined } }),
  'texts as JSON': shown({ j: 'x', jb: 'y' }),
  'numbers as JSON': shown({ j: 1, jb: 2.5 }),
  'lists as JSON': shown({ j: [1, 2], jb: ['a', { b: 1 }] }),
  'an object that becomes a text': shown({ jb: new Decimal('1.5'), n: new Decimal('2.50') }),
  'an object with a text': shown({ n: new Money(1250), t: new Money(99) }),
  'a moment that is a number and a text': shown({ tz: moment, ts: moment, t: moment }),
  'an amount that is a number and a text': shown({ n: amount, t: amount, f: amount }),
  'an object that answers by what is asked of it': shown({ n: asked, t: asked, tz: asked }),
  'an object that holds itself, with a text': shown({ t: circular, n: circular }),
  'an object that JSON does not know, with a text': shown({ t: large }),
  'an object that has neither': shown({ jb: circular }),
  'a symbol as a text': failing({ t: symbol }),
  'a symbol as a number': failing({ i: symbol }),
  'a symbol as a moment': failing({ tz: symbol }),
  'a symbol as a truth': failing({ bool: symbol }),
  'symbols in a list': failing({ ts_list: ['a', symbol] }),
  'a symbol of a type': (sql) =>
    sql`select ${sql.typed(symbol as never, 25)} as t`.catch(({ name, message }) => [
      name,
      message,
    ]),
  'objects as text': shown({ t: { a: 1 } }),
  'lists of texts': shown({ ts_list: ['a', null, 'b,c', '{}', ''] }),
  'lists of numbers': shown({ is_list: [1, null, -2] }),
  'lists of texts as numbers': shown({ is_list: ['1', '2'] }),
  'lists of uuids': shown({ u_list: [uuid, uuid] }),
  'lists of lists': shown({
    grid: [
      [1, 2],
      [3, 4],
    ],
  }),
  'lists of objects': shown({ j_list: [{ a: 1 }, { b: 'x' }] }),
  'lists of objects that look like parameters': shown({ j_list: [{ type: 1, value: 'x' }] }),
  'an empty list': shown({ ts_list: [], is_list: [], j_list: [] }),
  'a type of the user': (sql) => sql`select ${sql.types.pair([1, 2])}::point as p`,
  'a type of the user, by the type of its column': shown({ p: [3, 4] }),
  'typed lists': (sql) =>
    sql`select ${sql.array([1, 2], 23)}::text as a, ${sql.array(['a', 'b'])}::text as b,
      ${sql.array([when])}::timestamptz[] as c, ${sql.array([true, false])}::text as d,
      ${sql.array([uuid], 2950)}::text as e, ${sql.array([{ a: 1 } as never], 3802)}::text as f,
      ${sql.array([1n, 2n] as never[])}::text as g, ${sql.array([], 25)}::text as h`,
  'typed values': (sql) =>
    sql`select ${sql.typed('1', 23)} as a, ${sql.typed(uuid, 2950)} as b, ${sql.json({ a: [1] })} as c,
      ${sql.json('x')} as d, ${sql.typed(new Date(0), 1184)} as e, ${sql.typed('a', 25)} as f,
      ${sql.json(null)} as g`,
  'typed in VALUES': (sql) =>
    sql`insert into kinds ${sql([
      { jb: sql.json([1]) as never, ts_list: sql.array(['x']) as never },
      { jb: sql.json('t') as never, ts_list: sql.array(['y', 'z']) as never },
    ])} returning t, jb, ts_list`,
  'rows with chosen columns': (sql) =>
    sql`insert into kinds ${sql([row, { ...row, t: 'y' }], 't', 'i')} returning t, i, jb`,
  'rows by VALUES': (sql) =>
    sql`select * from (values ${sql([
      ['a', 'b'],
      ['c', 'd'],
    ])}) as v (x, y)`,
  'an update': (sql) => sql`update kinds set ${sql({ t: 'z', jb: { a: 2 } }, 't', 'jb')}
      where t = ${'x'} returning t, jb`,
  'columns and tables by name': (sql) =>
    sql`select ${sql(['t', 'i'])} from ${sql('public.kinds')} where ${sql('t')} is null limit 0`,
  'a list for IN': (sql) => sql`select x from generate_series(1, 5) x where x in ${sql([2, 4])}`,
  'an empty list for IN': (sql) => sql`select 1 as x where 1 in ${sql([] as number[])}`,
  'a list for ANY': (sql) =>
    sql`select x from generate_series(1, 5) x where x = any(${[1, 3]}) order by 1`,
  'values as columns': (sql) => sql`select ${sql({ a: 1, b: 'x' } as never)}`,
  fragments: (sql) => {
    const where = (x: number) => sql`where x > ${x}`
    const parts = [1, 2].map((x) => sql`or x = ${x}`)
    return sql`select x from generate_series(${1}::int, 5) x ${where(3)} ${parts} ${sql``}`
  },
  'fragments in rows': (sql) =>
    sql`insert into kinds ${sql({ t: sql`upper(${'abc'})`, i: 3 } as never)} returning t, i`,
  'texts of unsafe in a template': (sql) => sql`select ${sql.unsafe('1 + 1')} as two, ${'x'} as x`,
  'unsafe without values': (sql) => sql.unsafe('select 1 as a; select 2 as b'),
  'unsafe with values': (sql) => sql.unsafe('select $1::int as a, $2 as b', [1, 'x']),
  'unsafe, prepared': (sql) =>
    sql.unsafe('select $1::jsonb as a, $2::text[] as b', [{ a: 1 }, ['x']] as never[], {
      prepare: true,
    }),
  'rows as lists': (sql) => sql`select 1 as a, ${'x'} as b`.values(),
  'rows as bytes': (sql) => sql`select 1 as a, ${'x'} as b`.raw(),
  'a description': async (sql) => {
    const { string, types, columns } = await sql`select ${1}::int as a`.describe()
    return { string, types, columns: columns.map(({ name, type }) => ({ name, type })) }
  },
  'a simple query': (sql) => sql`select 1 as a; select 2 as b`.simple(),
  'a cursor': async (sql) => {
    const batches: unknown[] = []
    for await (const rows of sql`select x from generate_series(1, ${5}::int) x`.cursor(2)) {
      batches.push([...rows])
    }
    return batches
  },
  'a cursor with a callback': async (sql) => {
    const batches: unknown[] = []
    await sql`select x from generate_series(1, 5) x`.cursor(2, (rows) => {
      batches.push([...rows])
    })
    return batches
  },
  'a cursor that is left': async (sql) => {
    const batches: unknown[] = []
    for await (const rows of sql`select x from generate_series(1, 50) x`.cursor(2)) {
      batches.push([...rows])
      if (batches.length === 2) break
    }
    return batches
  },
  'rows one by one': async (sql) => {
    const seen: unknown[] = []
    const { count } = await sql`select x from generate_series(1, 3) x`.forEach((one) => {
      seen.push(one)
    })
    return { seen, count }
  },
  'errors of the server': (sql) =>
    sql`select 1 / ${0}::int`.catch(({ code, message, query, parameters }) => ({
      code,
      message,
      query,
      parameters,
    })),
  'undefined values': (sql) => sql`select ${undefined as never}`.catch((error) => error.message),
  'a query in one connection after the other': async (sql) =>
    Promise.all([1, 2, 3, 4, 5].map((x) => sql`select ${x}::int as x`)),
  'the same statement again': async (sql) => {
    const twice = (x: unknown) => sql`select ${x as string}::int as x, ${['a']}::text[] as y`
    return [await twice(1), await twice('2')]
  },
}

for (const [title, work] of Object.entries(cases)) {
  // mutation src/doors/serializable-copy.ts: if (types.isAnyArrayBuffer(value)) return bytesOf(value) => void types
  // mutation src/doors/serializable-copy.ts: if (ArrayBuffer.isView(value)) return viewCopy(value, state) => void viewCopy
  it(`sends the same as without a guard: ${title}`, async () => {
    const [plain, guarded] = [open(), open(lenient)]
    const outcome = async (sql: Client): Promise<unknown> => {
      try {
        const result: unknown = await work(sql)
        return told(result)
      } catch (error) {
        return told({ failed: error instanceof Error ? error.message : error })
      }
    }
    // The first statement of a connection comes before the driver knows the types of lists.
    await Promise.all([plain`delete from kinds`, guarded`select 1`])
    const expected = await outcome(plain)
    await plain`delete from kinds`
    expect(await outcome(guarded)).toEqual(expected)
  })
}

/** Rows, and what the driver adds to a list of them. */
function told(result: unknown): unknown {
  if (!Array.isArray(result)) return result
  const { count, command, columns } = result as unknown as Record<string, unknown>
  return { rows: [...result], count, command, columns: JSON.stringify(columns) }
}

it('sends the same where the driver renames columns, replaces undefined and knows no list types', async () => {
  const more = { transform: { ...postgres.camel, undefined: null }, fetch_types: false }
  const [plain, guarded] = [open(undefined, more), open(lenient, more)]
  const work: Work = async (sql) => {
    const inserted = await sql`insert into kinds ${sql({ tsList: '{a}', t: undefined } as never)}
      returning ts_list, t`
    return [inserted, await sql`select ${sql.typed('{1,2}', 1007)}::text as x`]
  }
  expect(JSON.stringify(await work(guarded))).toBe(JSON.stringify(await work(plain)))
})

it('sends a list of one text as that, where the driver knows no list types', async () => {
  const sql = open(lenient, { fetch_types: false })
  const length = (list: readonly string[]): Promise<unknown> =>
    sql`select cardinality(${list as never}::numeric[])`
  expect(told(await length(['7']).catch(() => 'refused'))).toBe('refused')
  // As the text of a list it would be two numbers.
  await expect(length(['{1,2}'])).rejects.toThrow('invalid input syntax for type numeric')
})
