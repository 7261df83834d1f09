import type { Sql } from 'postgres'
import type { Guard, GuardSession } from '../guard/guard.ts'
import type { GuardedConnections, Lease } from './postgres-connection.ts'
import type { PostgresDriver } from './postgres-driver.ts'
import { createStatements } from './postgres-statements.ts'

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
}

/** `begin` with everything in it guarded: all of it belongs to the tenant that began. */
export function guardTransactions(
  raw: Sql,
  guard: Guard,
  inside: Omit<Surroundings, 'session'>,
): (first: unknown, second?: Work) => Promise<unknown> {
  return async (first, second) => {
    const [options, work] = second === undefined ? ['', first as Work] : [String(first), second]
    const session = guard.session()
    // What the driver makes of them.
    session.check({ text: `begin ${options.replace(/[^a-z ]/gi, '')}`, values: [] })
    return raw.begin(options, async (own) => {
      const transaction = own as unknown as RawTransaction
      const result = await runInside(transaction, work, { ...inside, session })
      session.check({ text: 'commit', values: [] })
      return result
    })
  }
}

/** A statement that was refused fails its transaction, like one that the server refused. */
async function runInside(
  raw: RawTransaction,
  work: Work,
  surroundings: Surroundings,
): Promise<unknown> {
  const { driver, connections, session } = surroundings
  const lease: Lease = { isOver: false }
  const refusals: unknown[] = []
  const sending = connections.held(raw, session, lease)
  const statements = createStatements(raw, driver, {
    ...sending,
    refused: (error) => refusals.push(error),
  })
  const guarded = Object.assign(statements, {
    savepoint: (...call: readonly unknown[]) => {
      const { name, inner } = readSavepoint(call)
      session.check({ text: `savepoint "s_${(name ?? '').replaceAll('"', '""')}"`, values: [] })
      return raw.savepoint(name, (own) => runInside(own as RawTransaction, inner, surroundings))
    },
    prepare: (name: string) => {
      session.check({ text: `prepare transaction 'name'`, values: [] })
      return raw.prepare(name)
    },
  })
  try {
    const given = work(Object.freeze(guarded))
    const result = await (Array.isArray(given) ? Promise.all(given) : given)
    if (refusals.length > 0) throw refusals[0]
    return result
  } finally {
    lease.isOver = true
  }
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
