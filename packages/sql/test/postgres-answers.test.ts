import { runWithTenant } from '@partywall/context'
import { guardPostgres } from '@partywall/sql/postgres'
import postgres, { type Options, type Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { postgresOptions } from './postgres-shop.ts'
import { acme, globex, type Shop, startShop } from './shop.ts'

const asAcme = <Result>(work: () => Result): Result => runWithTenant(acme, work)
const asGlobex = <Result>(work: () => Result): Result => runWithTenant(globex, work)

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.stop())

/** One connection, so that everybody meets the same prepared statements. */
function open(more: Options<Record<never, never>> = {}): Sql {
  const client = guardPostgres(
    postgres({ ...postgresOptions(shop.url), max: 1, ...more }),
    shop.guard,
  )
  onTestFinished(() => client.end({ timeout: 1 }))
  return client
}

const itemsOf = (sql: Sql, tenant: string) =>
  sql<{ item: string }[]>`select item from orders where tenant_id = ${tenant} order by item`

/** Every way in which an answer comes, each with the statement that it shows. */
const answers: Readonly<Record<string, (sql: Sql) => Promise<unknown>>> = {
  rows: async (sql) => (await itemsOf(sql, 'acme')).statement,
  'raw rows': async (sql) => (await itemsOf(sql, 'acme').raw()).statement,
  'lists of values': async (sql) => (await itemsOf(sql, 'acme').values()).statement,
  'a description': async (sql) => itemsOf(sql, 'acme').describe(),
  'each row': async (sql) => {
    let seen: unknown
    await itemsOf(sql, 'acme').forEach((_, result) => {
      seen = result.statement
    })
    return seen
  },
  'a cursor': async (sql) => {
    let seen: unknown
    await itemsOf(sql, 'acme').cursor(1, (rows) => {
      seen ??= (rows as unknown as { statement: unknown }).statement
    })
    return seen
  },
  'a cursor that is walked': async (sql) => {
    let seen: unknown
    for await (const rows of itemsOf(sql, 'acme').cursor(1)) {
      seen ??= (rows as unknown as { statement: unknown }).statement
    }
    return seen
  },
  'a transaction': (sql) =>
    sql.begin(async (own) => (await itemsOf(own as unknown as Sql, 'acme')).statement),
  'a reserved connection': async (sql) => {
    const own = await sql.reserve()
    try {
      return (await itemsOf(own, 'acme')).statement
    } finally {
      own.release()
    }
  },
}

describe('an answer leads to nothing that the driver goes on with', () => {
  // mutation src/doors/postgres-connection.ts: return query.resolve(detachedAnswer(result)) => return query.resolve(result)
  it.each(Object.entries(answers))('%s', async (_, statementOf) => {
    const sql = open()
    // The second time it is prepared already.
    await asAcme(() => statementOf(sql))
    const shown = await asAcme(() => statementOf(sql))
    expect(shown).toMatchObject({
      string: 'select item from orders where tenant_id = $1 order by item',
      types: [25],
      columns: [{ name: 'item', type: 25 }],
    })
    const changeable = Object.values(shown as object).flatMap((part) =>
      typeof part === 'object' && part !== null ? [part, ...Object.values(part)] : [],
    )
    for (const part of [shown, ...changeable]) expect(Object.isFrozen(part)).toBe(true)
  })

  it('and still tells columns, their types and how they are read', async () => {
    const sql = open()
    const { columns, statement } = await asAcme(
      async () => sql`select 1::int4 as one, array[1, 2] as several`,
    )
    expect(columns).toBe(statement.columns)
    expect(columns.map(({ name, type }) => [name, type])).toEqual([
      ['one', 23],
      ['several', 1007],
    ])
    const [one, several] = columns.map(
      ({ parser }) => parser as unknown as (text: string) => unknown,
    )
    expect(one?.('5')).toBe(5)
    expect(several).toHaveProperty('array', true)
    const both = await asAcme(() => sql.unsafe('select 1 as a; select 2 as b'))
    expect(both).toMatchObject([[{ a: 1 }], [{ b: 2 }]])
  })
})

describe('an error', () => {
  const failing = (sql: Sql) =>
    sql`select item, ${1}::int / 0 from orders where tenant_id = ${'acme'}`.then(
      () => undefined,
      (error: unknown) =>
        error as Error & { args: unknown[]; types: number[]; parameters: unknown[] },
    )

  type Failure = Awaited<ReturnType<typeof failing>>
  const failureOf = (work: Promise<unknown>): Promise<Failure> =>
    work.then(
      () => undefined,
      (error: unknown) => error as Failure,
    )

  it.each([
    ['of a statement', failing],
    [
      'of a transaction',
      (sql: Sql) => failureOf(sql.begin((own) => failing(own as unknown as Sql))),
    ],
    [
      'of a statement that nobody waited for',
      (sql: Sql) =>
        failureOf(
          sql.begin((own) => {
            void failing(own as unknown as Sql)
            return own`select 1`
          }),
        ),
    ],
  ])("%s is the driver's own to look at, and not to hold on to", async (_, fail) => {
    const sql = open()
    await asAcme(() => fail(sql))
    const error = await asAcme(() => fail(sql))
    expect(error).toBeInstanceOf(sql.PostgresError)
    expect(error).toMatchObject({ code: '22012', severity: 'ERROR', routine: 'int4div' })
    error?.types.fill(17)
    expect((error?.args ?? []).every((each) => typeof each !== 'object')).toBe(true)
    expect(error?.parameters).toEqual(['1', 'acme'])
    expect(await asAcme(() => fail(sql))).toMatchObject({ code: '22012', types: [23, 25] })
  })
})

// mutation src/doors/sealed-values.ts: return depth === 0 && isSettled(value, type) ? value : inside(value) => return inside(value)
it('sends a statement again with the values that were checked', async () => {
  let calls = 0
  let honest = Number.POSITIVE_INFINITY
  const serialize = (value: unknown): string => {
    calls += 1
    return calls > honest ? 'globex' : String(value)
  }
  const types = { text: { to: 25, from: [25], parse: String, serialize } }
  const sql = open({ types } as never)
  const rows = () => asAcme(async () => sql`select * from orders where tenant_id = ${'acme'}`)
  await rows()
  expect(await rows()).toHaveLength(2)
  await shop.raw.query('alter table orders add column more int')
  onTestFinished(async () => {
    await shop.raw.query('alter table orders drop column more')
  })
  honest = calls + 1
  const again = await rows()
  expect(again.map(({ tenant_id }) => tenant_id)).toEqual(['acme', 'acme'])
  expect(again[0]).toHaveProperty('more')
})

it('reads nothing of one tenant by what another was answered', async () => {
  const sql = open()
  const { columns } = await asAcme(async () => itemsOf(sql, 'acme'))
  expect(() => Object.assign(columns[0] ?? {}, { parser: () => 'seen' })).toThrow(TypeError)
  expect(await asGlobex(async () => itemsOf(sql, 'globex'))).toEqual([{ item: 'cup' }])
})
