import { AsyncResource } from 'node:async_hooks'
import { readFile } from 'node:fs'
import type { Sql } from 'postgres'
import type { SentStatement } from '../guard/guard.ts'
import { comparable } from './declared-type.ts'
import { detachedAnswer } from './postgres-answers.ts'
import { type Cancellable, cancelGiven, cancelledError } from './postgres-cancel.ts'
import type { CancelRequests } from './postgres-cancel-requests.ts'
import { type CursorStatement, readByCursor } from './postgres-cursor.ts'
import type { DriverQuery, ListType, PostgresDriver, QueryHandler } from './postgres-driver.ts'
import { plainStatement } from './postgres-plain.ts'
import { checkCount, checkNumber, failAlone, type Written } from './postgres-unwritten.ts'
import { type Sealed, type SealedValue, seal } from './sealed-values.ts'

/** What `unsafe` of postgres.js makes; nothing of it is sent before it is awaited. */
interface Inner extends PromiseLike<unknown>, Cancellable, CursorStatement, Written {
  describe(): unknown
  raw(): unknown
  values(): unknown
  forEach(each: (row: unknown, result: unknown) => void): unknown
}
/** What the driver's types say neither of the parameters that it made itself nor of its queries. */
interface Sender {
  unsafe(text: string, args: readonly unknown[], options: object): Inner
}

/** A statement that passed the guard, ready to be sent. */
export interface CheckedStatement {
  /** Sends it by this connection, or by whatever is free. */
  send(by: Pick<Sql, 'unsafe'>): Inner
}

export interface Sending {
  /** Throws where the statement must not be sent. */
  readonly check: (statement: SentStatement) => void
  /** Sends a statement that was checked, and answers the query. */
  readonly dispatch: (query: DriverQuery, statement: CheckedStatement) => void
  /** Told of every query when it is first awaited. */
  readonly taken: (query: DriverQuery) => void
  /** Told of every statement that is not sent. */
  readonly refused: (error: unknown) => void
  readonly debug: unknown
  /** Whether statements wait in the queue of one connection. */
  readonly isHeld: boolean
  readonly requests: CancelRequests
}

/** Makes the queries of a guarded client: nothing of them reaches the driver before the check. */
export interface QueryMaker {
  make(strings: readonly string[], args: readonly unknown[], options: object): DriverQuery
  /** A query whose text is in a file. */
  makeOfFile(path: string, args: readonly unknown[], options: object): DriverQuery
}

export function createQueryMaker(driver: PostgresDriver, sending: Sending): QueryMaker {
  const running = new WeakMap<DriverQuery, Inner>()

  function handle(query: DriverQuery, text?: string): void {
    if (query.cancelled !== null) return
    sending.taken(query)
    try {
      const statement = checkQuery(query, text, { driver, check: sending.check })
      const dispatched: CheckedStatement = {
        send: (by) => {
          const inner = statement.send(by)
          running.set(query, inner)
          return inner
        },
      }
      query.active = true
      sending.dispatch(query, dispatched)
    } catch (error) {
      sending.refused(error)
      query.reject(error)
    }
  }

  function cancel(query: DriverQuery): unknown {
    const inner = running.get(query)
    const { isHeld, requests } = sending
    if (inner !== undefined)
      return cancelGiven(inner, { isHeld, requests, tell: (error) => query.reject(error) })
    query.cancelled = true
    query.reject(cancelledError())
    return Promise.resolve()
  }

  const { debug } = sending
  const handler: QueryHandler = Object.assign((query: DriverQuery) => handle(query), { debug })
  return {
    make: (strings, args, options) => driver.makeQuery(strings, args, { handler, cancel, options }),
    makeOfFile(path, args, options) {
      const readFirst = (query: DriverQuery): void =>
        readFile(path, 'utf8', (error, text) => {
          if (error === null) handle(query, text)
          else query.reject(error)
        })
      const later: QueryHandler = Object.assign(readFirst, { debug })
      return driver.makeQuery([], args, { handler: later, cancel, options })
    },
  }
}

/** Prints, copies and checks: what was checked is all that is left to send. */
function checkQuery(
  query: DriverQuery,
  given: string | undefined,
  { driver, check }: Pick<Sending, 'check'> & { readonly driver: PostgresDriver },
): CheckedStatement {
  const compiled = plainStatement(query) ?? driver.compile(query)
  // A text by itself: an object could be another one when it is sent.
  const text = String(given ?? compiled.text)
  const { values, types } = compiled
  checkCount(values)
  checkNumber(query.cursorRows ?? 0)
  const checked: unknown[] = []
  const sent: (SealedValue | null)[] = []
  const args: unknown[] = []
  let opaque = false
  // A plain loop: this runs for every statement.
  for (let i = 0; i < values.length; i += 1) {
    const type = types[i] ?? 0
    checkNumber(typeof type === 'object' ? type.element : type)
    const sealed = seal(values[i], typeof type === 'number' ? type : 0, driver.serializers)
    checked.push(comparable(sealed.checked, type))
    sent.push(sealed.sent)
    args.push(argument(driver, sealed.sent, type))
    opaque ||= sealed.opaque
  }
  check({ text, values: checked, opaque })
  const { simple, prepare } = query.options
  const options = { simple: simple === true, prepare: prepare ?? true }
  return {
    send(by) {
      const inner = (by as unknown as Sender).unsafe(text, args, options)
      failAlone(inner, sent)
      return withModifiers(inner, query, driver.close)
    },
  }
}

/** The type of a list is known to the driver once it is connected. */
function argument(driver: PostgresDriver, sent: Sealed['sent'], type: number | ListType): unknown {
  // Where it says nothing, the driver takes any value for a parameter.
  if (type === 0) return sent
  return typeof type === 'number'
    ? driver.makeParameter(sent, type)
    : driver.makeParameter(sent, type.element, driver.listTypes)
}

/** What the caller asked of its query is asked of the one that is sent. */
function withModifiers(inner: Inner, query: DriverQuery, close: unknown): Inner {
  const { onlyDescribe, isRaw, cursorRows, cursorFn, forEachFn } = query
  if (onlyDescribe === true) inner.describe()
  if (isRaw === true) inner.raw()
  if (isRaw === 'values') inner.values()
  // The driver would call it as a method of its own query, which makes others. Rows come in the scope of
  // whoever opened the connection: callbacks are bound to the caller's.
  const each =
    forEachFn &&
    AsyncResource.bind((row: unknown, result: unknown) => forEachFn(row, detachedAnswer(result)))
  if (cursorFn !== undefined) {
    const next = AsyncResource.bind((rows: unknown) => query.cursorFn?.(detachedAnswer(rows)))
    readByCursor(inner, { rows: cursorRows ?? 1, next, each, close })
  } else if (each !== undefined) inner.forEach(each)
  return inner
}
