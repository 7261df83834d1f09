import type { Sql } from 'postgres'
import { SqlGuardError } from '../guard/sql-guard-error.ts'
import type { DriverQuery, PostgresDriver } from './postgres-driver.ts'
import { createQueryMaker, type Sending } from './postgres-sender.ts'

type Values = readonly unknown[]

/** What every client of postgres.js can do, in a transaction too. */
export interface Statements {
  (first: unknown, ...rest: Values): unknown
  readonly types: unknown
  readonly typed: unknown
  readonly json: unknown
  unsafe(text: string, ...more: Values): DriverQuery
  file(path: string, ...more: Values): DriverQuery
  array(...list: Values): unknown
  notify(channel: string, payload: string): Promise<unknown>
}

/** Lists of a type: the driver learns their own types when it connects. */
const listTypes: object = new Proxy(
  {},
  { get: (_, type) => (Number(type) > 0 ? { element: Number(type) } : undefined) },
)

/** The functions that make statements, for one client: they print and send as `sending` says. */
export function createStatements(
  raw: Pick<Sql, 'typed' | 'json' | 'array'>,
  driver: PostgresDriver,
  sending: Sending,
): Statements {
  const queries = createQueryMaker(driver, sending)

  function statement(first: unknown, ...rest: Values): unknown {
    if (isTemplate(first)) return queries.make(first, rest, {})
    return driver.makeHelper(first, rest)
  }
  return Object.assign(statement, {
    types: raw.typed,
    typed: raw.typed,
    json: raw.json,
    unsafe(text: string, ...more: Values) {
      const { args, options } = argsAndOptions(more)
      return queries.make([String(text)], args, { prepare: false, ...options })
    },
    file(path: string, ...more: Values) {
      const { args, options } = argsAndOptions(more)
      return queries.makeOfFile(path, args, options)
    },
    array: (...list: Values) =>
      Object.assign(Reflect.apply(raw.array, undefined, list), { array: listTypes }),
    notify: async (channel: string, payload: string) =>
      queries.make(['select pg_notify($1, $2)'], [channel, `${payload}`], {}),
  })
}

function isTemplate(value: unknown): value is readonly string[] {
  return Array.isArray(value) && 'raw' in value && Array.isArray(value.raw)
}

/** As the driver reads them: without values they are sent by the simple protocol. */
function argsAndOptions(more: Values): { readonly args: Values; readonly options: object } {
  const [first = [], second = {}] = more
  const isOptions = more.length === 1 && !Array.isArray(first)
  const args = isOptions ? [] : first
  const given = isOptions ? first : second
  if (!Array.isArray(args) || typeof given !== 'object' || given === null) {
    throw new SqlGuardError('sql.client', 'expected a text, a list of values, and options')
  }
  const { prepare, simple = args.length === 0 } = given as Record<string, unknown>
  return {
    args: Array.from(args),
    options: { ...(prepare === undefined ? {} : { prepare }), simple },
  }
}
