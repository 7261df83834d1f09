import type { Sql, TransactionSql } from 'postgres'
import type { Guard, GuardSession } from '../guard/guard.ts'
import { SqlGuardError } from '../guard/sql-guard-error.ts'
import { connectionError, detachedError } from './postgres-answers.ts'
import type { GuardedConnections, Lease } from './postgres-connection.ts'
import type { DriverQuery, PostgresDriver } from './postgres-driver.ts'
import { afterThisTurn, type HeldConnection, noteLent } from './postgres-held.ts'
import { noteTaken, type Taken } from './postgres-lines.ts'
import type { Sending } from './postgres-sender.ts'
import { createStatements } from './postgres-statements.ts'
import { type TransactionEnd, watchEnd } from './postgres-transaction-end.ts'
import { resetBeforeCommit, resetBeforeRollback } from './session-reset.ts'

type Work = (sql: unknown) => unknown
/** The driver's client inside a transaction: its types say less than it takes. */
type RawTransaction = Pick<Sql, 'unsafe' | 'typed' | 'json' | 'array'> & {
  savepoint(name: string | null, work: Work): Promise<unknown>
  prepare(name: string): unknown
}

interface Surroundings {
  readonly driver: PostgresDriver
  readonly connections: GuardedConnections
  readonly session: GuardSession
  readonly end: TransactionEnd
  readonly connection: HeldConnection
}

const unprepared = 'a transaction that changed its session cannot be prepared'

/** `begin` with everything in it guarded: all of it belongs to the tenant that began. */
export function guardTransactions(
  raw: Sql,
  guard: Guard,
  inside: Pick<Surroundings, 'driver' | 'connections'>,
): (first: unknown, second?: Work) => Promise<unknown> {
  return async (first, second) => {
    const [options, work] = second === undefined ? ['', first as Work] : [String(first), second]
    const session = guard.session()
    // What the driver makes of them.
    const text = `begin ${options.replace(/[^a-z ]/gi, '')}`
    session.check({ text, values: [] })
    const end = watchEnd(guard, session)
    let isDone = false
    let isLost = false
    const connection: HeldConnection = {
      get isLost() {
        return isLost
      },
    }
    const taken: Taken = {}
    let giveBack: (() => Promise<void>) | undefined
    const inTransaction = async (own: TransactionSql): Promise<unknown> => {
      const transaction = own as unknown as RawTransaction
      const lent = noteLent(taken)
      giveBack = () => lent.giveBack(own, session.state === 'changed')
      // One that comes late would cancel the end of the transaction.
      const cancelled = (): unknown => inside.connections.turns.requests.gone(taken.backend)
      try {
        const result = await runInside(transaction, work, { ...inside, session, end, connection })
        await cancelled()
        if (connection.isLost) return await forever()
        // What the system did to the session goes no further: the driver lends it to others at once.
        if (session.state === 'changed') await transaction.unsafe(resetBeforeCommit)
        if (connection.isLost) return await forever()
        session.check({ text: 'commit', values: [] })
        isDone = true
        return result
      } catch (error) {
        await afterThisTurn()
        await cancelled()
        if (connection.isLost) return forever()
        if (session.state === 'changed') await transaction.unsafe(resetBeforeRollback)
        isDone = true
        throw error
      }
    }
    const begin = (): Promise<unknown> => {
      const begun = noteTaken(taken, () => raw.begin(options, inTransaction))
      // Whoever began is told at once, and not the work.
      begun.catch(() => {
        isLost = !isDone
        void giveBack?.()
      })
      return begun
    }
    return inTurn(begin, inside.connections).catch((error: unknown) => {
      // The driver keeps the first error of a statement that nobody waited for.
      throw detachedError(error)
    })
  }
}

async function inTurn(
  begin: () => Promise<unknown>,
  { admit, turns }: GuardedConnections,
): Promise<unknown> {
  const tick = Promise.resolve()
  // What was asked for before is given to the driver in the next one.
  await tick
  admit()
  return turns.inTurn(begin)
}

/** A statement that was refused fails its transaction, like one that the server refused. */
async function runInside(
  raw: RawTransaction,
  work: Work,
  surroundings: Surroundings,
): Promise<unknown> {
  const { driver, connections, session, end, connection } = surroundings
  const lease: Lease = { isOver: false, connection }
  const refusals: unknown[] = []
  const left: Promise<unknown>[] = []
  const held = connections.held(raw, session, lease)
  const sending: Sending = {
    ...held,
    check: (statement) => end.check(statement, held.check),
    taken: listenTo,
    refused: (error) => refusals.push(error),
  }
  const statements = createStatements(raw, driver, sending)
  const guarded = Object.assign(statements, {
    savepoint: (...call: readonly unknown[]) => {
      const { name, inner } = readSavepoint(call)
      const statement = `savepoint "s_${(name ?? '').replaceAll('"', '""')}"`
      if (connection.isLost) throw connectionError('CONNECTION_CLOSED')
      session.check({ text: statement, values: [], opaque: lease.isOver })
      const saved = runSaved(raw, name, (own) => runInside(own, inner, surroundings), lease)
      left.push(saved)
      return saved
    },
    prepare: (name: string) => {
      session.check({ text: `prepare transaction 'name'`, values: [] })
      if (session.state === 'changed') throw new SqlGuardError('sql.transaction', unprepared)
      return raw.prepare(name)
    },
  })
  try {
    const given = work(Object.freeze(guarded))
    const result = await (Array.isArray(given) ? Promise.all(given) : given)
    if (refusals.length > 0) throw refusals[0]
    return result
  } finally {
    // What was asked for before it threw is sent, as by the driver: that takes a tick.
    await Promise.resolve()
    await settled(lease)
    lease.isOver = true
    // The driver ends each of them by itself, by then in a transaction of somebody else.
    await Promise.allSettled(left)
  }
}

/** Where the connection is lost, the driver is not told how the work ends: it would roll it back. */
function runSaved(
  raw: RawTransaction,
  name: string | null,
  work: (own: RawTransaction) => Promise<unknown>,
  lease: Lease,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const saved = raw.savepoint(name, (own) =>
      work(own as RawTransaction).catch(async (error: unknown) => {
        await settled(lease)
        if (!lease.connection.isLost) throw error
        reject(error)
        return forever()
      }),
    )
    saved.then(resolve, reject)
  })
}

/** Resolves when it is known whether what failed last has cost the connection. */
function settled(lease: Lease): Promise<void> | undefined {
  return lease.settling
}

/** One of its own each time: what waits for one that all have is kept. */
const forever = (): Promise<never> => new Promise(() => undefined)

/** The driver does so to every query of a transaction, which fails with the first that failed. */
function listenTo(query: DriverQuery): void {
  // Its own `then` would begin it.
  void Promise.prototype.then.call(query, undefined, () => undefined)
}

function readSavepoint(call: readonly unknown[]): {
  readonly name: string | null
  readonly inner: Work
} {
  const [first, second] = call
  const isTemplate = Array.isArray(first) && 'raw' in first
  if (isTemplate) return { name: null, inner: (sql) => Reflect.apply(sql as Work, sql, call) }
  if (call.length === 1) return { name: null, inner: first as Work }
  return { name: first ? String(first) : null, inner: second as Work }
}
