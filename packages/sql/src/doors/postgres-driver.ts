import type { Sql } from 'postgres'
import { SqlGuardError } from '../guard/sql-guard-error.ts'
import type { Serializers } from './sealed-values.ts'

/** A query of postgres.js: what its modifiers leave on it, and how it is answered. */
export interface DriverQuery extends Promise<unknown> {
  readonly strings: readonly string[]
  readonly args: readonly unknown[]
  /** Made by a template, and not by `unsafe` or `file`. */
  readonly tagged: boolean
  readonly options: { readonly simple?: unknown; readonly prepare?: unknown }
  readonly isRaw?: unknown
  readonly onlyDescribe?: unknown
  readonly cursorRows?: number
  readonly cursorFn?: (rows: unknown) => unknown
  readonly forEachFn?: (row: unknown, result: unknown) => void
  cancelled: unknown
  active: boolean
  // Cursors put their own functions here for every batch.
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** Called by a query once, when it is first awaited; it decides how the query is sent. */
export interface QueryHandler {
  (query: DriverQuery): void
  debug: unknown
}

interface DriverParameter {
  readonly value: unknown
  readonly type: number
  readonly array?: unknown
}

/** What the guard uses of postgres.js, beside its documented functions. */
export interface PostgresDriver {
  makeQuery(
    strings: readonly string[],
    args: readonly unknown[],
    sending: {
      readonly handler: QueryHandler
      readonly cancel: (query: DriverQuery) => unknown
      readonly options: object
    },
  ): DriverQuery
  /** What `sql(…)` gives beside statements: names, and rows that print themselves. */
  makeHelper(first: unknown, rest: readonly unknown[]): unknown
  makeParameter(value: unknown, type: number, array?: unknown): DriverParameter
  /** Text, values and types of a query, by the driver's own code. */
  compile(query: DriverQuery): CompiledStatement
  /** Where the driver keeps the types of lists by those of their elements. */
  readonly listTypes: unknown
  /** By which it is told to close a cursor. */
  readonly close: unknown
  /** The serializers inside, without the guard's. */
  readonly serializers: Serializers
}

export interface CompiledStatement {
  readonly text: string
  readonly values: readonly unknown[]
  /** The server's number of a type, `0` where it will say, {@link ListType} for lists. */
  readonly types: readonly (number | ListType)[]
}

/** The type of a list's elements: the driver learns that of the list when it connects. */
export interface ListType {
  readonly element: number
}

/** A helper of the driver, such as `sql(rows)`, which knows how to print itself. */
interface Helper {
  build(before: string, values: unknown[], types: unknown[], options: unknown): string
}

type QueryClass = new (
  strings: readonly string[],
  args: readonly unknown[],
  handler: QueryHandler,
  cancel: (query: DriverQuery) => unknown,
  options: object,
) => DriverQuery
type ParameterClass = new (value: unknown, type: number, array?: unknown) => DriverParameter

/**
 * The parts of a client of postgres.js that print statements. The guard sends what they printed, as a
 * text: whether they print well decides what users get, not what is safe.
 *
 * @throws SqlGuardError `sql.client` when this is no client of postgres.js that prints as expected
 */
export function postgresDriver(sql: Sql): PostgresDriver {
  try {
    // Nothing is sent before somebody awaits it.
    const Query = sql.unsafe('').constructor as unknown as QueryClass
    const Parameter = sql.json(null).constructor as unknown as ParameterClass
    const driver = driverOf(sql, Query, Parameter)
    checkPrinting(sql, driver)
    return driver
  } catch (error) {
    throw unknownClient(error)
  }
}

function unknownClient(cause: unknown): SqlGuardError {
  const expected = 'expected what postgres() of postgres.js 3.4 gives'
  return new SqlGuardError('sql.client', `the client cannot be guarded; ${expected}`, { cause })
}

function driverOf(sql: Sql, Query: QueryClass, Parameter: ParameterClass): PostgresDriver {
  const { serializers } = sql.options
  const print = (row: object, columns: readonly string[]) => {
    const values: unknown[] = []
    const types: (number | ListType)[] = []
    // A row of VALUES: a fragment is printed as such, anything else is a parameter.
    const helper = (sql as unknown as (...row: unknown[]) => Helper)(row, columns)
    const text = helper.build('values', values, types, sql.options).slice(1, -1)
    return { text, values, types }
  }
  const { array: listTypes } = sql.array(['']) as unknown as DriverParameter
  return {
    serializers,
    listTypes,
    close: sql.CLOSE,
    makeQuery: (strings, args, { handler, cancel, options }) =>
      new Query(strings, args, handler, cancel, options),
    makeHelper(first, rest) {
      const helper: unknown = Reflect.apply(sql as never, undefined, [first, ...rest])
      // Of a query of its own, the driver would be asked directly.
      if (helper instanceof Query) throw new TypeError('it was a template on second sight')
      return helper
    },
    makeParameter: (value, type, array) => new Parameter(value, type, array),
    compile(query) {
      if (query.tagged) return print({ query }, ['query'])
      const args = Array.from(query.args)
      const [text = ''] = query.strings
      if (args.length === 0) return { text, values: [], types: [] }
      // Not by their numbers: the driver takes what has a list at 0 for a list of rows.
      const named = args.map((value, i) => [`$${i + 1}`, value] as const)
      return {
        ...print(
          Object.fromEntries(named),
          named.map(([name]) => name),
        ),
        text,
      }
    },
  }
}

/** Prints one statement of which the text is known. */
function checkPrinting(sql: Sql, driver: PostgresDriver): void {
  const handler: QueryHandler = Object.assign(() => undefined, { debug: undefined })
  const sending = { handler, cancel: () => undefined, options: {} }
  const strings = (...parts: string[]) => Object.assign(parts, { raw: parts })
  const inner = driver.makeQuery(strings('b = ', ''), [sql.json([1])], sending)
  const args = [sql('a.b'), inner, true]
  const { text, values, types } = driver.compile(
    driver.makeQuery(strings('select ', ' where ', ' and ', ''), args, sending),
  )
  const told = JSON.stringify([text, values, types])
  const expected = ['select "a"."b" where b = $1 and $2', [[1], true], [3802, 16]]
  if (told !== JSON.stringify(expected)) throw new TypeError(`it printed ${text}`)
}
