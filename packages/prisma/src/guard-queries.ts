import type { GuardSession, Receipt, SentStatement } from '@partywall/sql'
import type { PooledSettings } from '@partywall/sql/door'
import type { SqlDriverAdapterFactory } from '@prisma/client/runtime/client'
import { runningCall } from './running-call.ts'
import { type AdapterQuery, type ReadQuery, readQuery, statementOf } from './sent-query.ts'

type Adapter = Awaited<ReturnType<SqlDriverAdapterFactory['connect']>>
export type Queries = Pick<Adapter, 'queryRaw' | 'executeRaw'>

/** Where a statement that was checked is sent, and what it gives. */
export interface Passed {
  readonly receipt: Receipt | undefined
  /** Sends it by the connection that it must go to. */
  readonly by: <Result>(send: (connection: Queries) => Promise<Result>) => Promise<Result>
}

/** Every query is read once, confined where its client asks for it, checked, and sent. */
export function guardQueries(
  check: (statement: SentStatement) => Passed | Promise<Passed>,
  failed: (error: unknown) => void,
): Queries {
  function confined(given: AdapterQuery): ReadQuery {
    const read = readQuery(given)
    const query = read.opaque ? read.query : (runningCall()?.scope(read.query) ?? read.query)
    return { ...read, query }
  }

  /** Nobody waits for what is known at once: this runs for every statement. */
  async function send<Result>(
    given: AdapterQuery,
    run: (connection: Queries, query: AdapterQuery) => Promise<Result>,
    take?: (receipt: Receipt, result: Result) => void,
  ): Promise<Result> {
    const read = confined(given)
    const checked = check(statementOf(read))
    const { receipt, by } = checked instanceof Promise ? await checked : checked
    try {
      const result = await by((connection) => run(connection, read.query))
      if (receipt !== undefined) take?.(receipt, result)
      return result
    } catch (error) {
      failed(error)
      throw error
    }
  }
  return {
    queryRaw: (given) =>
      send(
        given,
        (connection, query) => connection.queryRaw(query),
        // Prisma reads keys first, and then reads and writes by them.
        (receipt, { rows }) => runningCall()?.keys.take(receipt, rows),
      ),
    executeRaw: (given) => send(given, (connection, query) => connection.executeRaw(query)),
  }
}

/** Checks a statement for the call that it was made for, and what is known of its connection. */
export function checkCall(
  session: GuardSession,
  statement: SentStatement,
  { isKnown }: Pick<PooledSettings, 'isKnown'>,
): Receipt | undefined {
  const running = runningCall()
  const opaque = statement.opaque === true || running === undefined || !isKnown
  return session.check({ ...statement, call: running?.call, keys: running?.keys, opaque })
}
