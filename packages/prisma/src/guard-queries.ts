import type { GuardSession, Receipt, SentStatement } from '@partywall/sql'
import type { SqlDriverAdapterFactory } from '@prisma/client/runtime/client'
import { runningCall } from './running-call.ts'
import { type AdapterQuery, readQuery, statementOf } from './sent-query.ts'

type Adapter = Awaited<ReturnType<SqlDriverAdapterFactory['connect']>>
type Queries = Pick<Adapter, 'queryRaw' | 'executeRaw'>
type Check = (statement: SentStatement) => Receipt | undefined | Promise<Receipt | undefined>

/** Every query is read once, confined where its client asks for it, checked, and sent. */
export function guardQueries(inner: Queries, check: Check): Queries {
  async function checked(given: AdapterQuery): Promise<Checked> {
    const { query, opaque } = readQuery(given)
    const scoped = opaque ? query : (runningCall()?.scope(query) ?? query)
    const receipt = await check(statementOf({ query: scoped, opaque }))
    return { query: scoped, receipt }
  }
  return {
    // Async, so that a refusal is a rejection like the driver's own errors.
    queryRaw: async (given) => {
      const { query, receipt } = await checked(given)
      const reply = await inner.queryRaw(query)
      // Prisma reads keys first, and then reads and writes by them.
      if (receipt !== undefined) runningCall()?.keys.take(receipt, reply.rows)
      return reply
    },
    executeRaw: async (given) => inner.executeRaw((await checked(given)).query),
  }
}

interface Checked {
  readonly query: AdapterQuery
  readonly receipt: Receipt | undefined
}

/** Checks a statement for the call that it was made for. */
export function checkCall(session: GuardSession, statement: SentStatement): Receipt | undefined {
  const running = runningCall()
  const opaque = statement.opaque === true || running === undefined
  return session.check({ ...statement, call: running?.call, keys: running?.keys, opaque })
}
