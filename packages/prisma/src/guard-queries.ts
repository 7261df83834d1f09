import type { GuardSession, Receipt, SentStatement } from '@partywall/sql'
import type { SqlDriverAdapterFactory } from '@prisma/client/runtime/client'
import { runningCall } from './running-call.ts'
import { type AdapterQuery, readQuery, statementOf } from './sent-query.ts'

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
): Queries {
  async function checked(given: AdapterQuery): Promise<Passed & { readonly query: AdapterQuery }> {
    const { query, opaque } = readQuery(given)
    const scoped = opaque ? query : (runningCall()?.scope(query) ?? query)
    const passed = await check(statementOf({ query: scoped, opaque }))
    return { ...passed, query: scoped }
  }
  return {
    // Async, so that a refusal is a rejection like the driver's own errors.
    queryRaw: async (given) => {
      const { query, receipt, by } = await checked(given)
      const reply = await by((connection) => connection.queryRaw(query))
      // Prisma reads keys first, and then reads and writes by them.
      if (receipt !== undefined) runningCall()?.keys.take(receipt, reply.rows)
      return reply
    },
    executeRaw: async (given) => {
      const { query, by } = await checked(given)
      return by((connection) => connection.executeRaw(query))
    },
  }
}

/** Checks a statement for the call that it was made for. */
export function checkCall(session: GuardSession, statement: SentStatement): Receipt | undefined {
  const running = runningCall()
  const opaque = statement.opaque === true || running === undefined
  return session.check({ ...statement, call: running?.call, keys: running?.keys, opaque })
}
