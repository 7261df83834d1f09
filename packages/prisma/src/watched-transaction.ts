import type { SqlDriverAdapterFactory } from '@prisma/client/runtime/client'
import { isAnswer } from './adapter-failure.ts'
import type { AdapterQuery } from './sent-query.ts'

type Adapter = Awaited<ReturnType<SqlDriverAdapterFactory['connect']>>
type Queries = Pick<Adapter, 'queryRaw' | 'executeRaw'>

export const commit = 'COMMIT'
export const rollback = 'ROLLBACK'

/** The statements of one transaction, and what the server said of its end. */
export interface Watched extends Queries {
  /** For what an adapter sends by itself. */
  watch<Result>(text: string, send: () => Promise<Result>): Promise<Result>
  /** Whether an end was answered, and nothing was sent after it. */
  readonly hasEnded: boolean
  /** Whether a `COMMIT` was answered. */
  readonly isCommitted: boolean
  /** Whether something failed otherwise than by the server's word: its time was over, or its line. */
  readonly isLost: boolean
}

/** A driver may never send what has waited too long: an end counts when it is answered. */
export function watchTransaction(inner: Queries): Watched {
  let sent = 0
  let endedAt: number | undefined
  let isCommitted = false
  let isLost = false

  async function watch<Result>(text: string, send: () => Promise<Result>): Promise<Result> {
    sent += 1
    const number = sent
    try {
      const result = await send()
      if (text === commit || text === rollback) endedAt = number
      isCommitted ||= text === commit
      return result
    } catch (error) {
      isLost ||= !isAnswer(error)
      throw error
    }
  }

  return {
    watch,
    queryRaw: (query: AdapterQuery) => watch(query.sql, () => inner.queryRaw(query)),
    executeRaw: (query: AdapterQuery) => watch(query.sql, () => inner.executeRaw(query)),
    get hasEnded() {
      return endedAt === sent
    },
    get isCommitted() {
      return isCommitted
    },
    get isLost() {
      return isLost
    },
  }
}
