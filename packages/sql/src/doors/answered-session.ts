import type { Guard, SentStatement } from '../guard/guard.ts'
import { resetSession } from './session-reset.ts'

/** What became of a statement, to be told. */
export interface Sent {
  answered(): void
  failed(): void
}

/**
 * The session of a connection of which no more is heard than answers: a transaction is over when its
 * end was answered, since a driver may never send what has waited too long.
 */
export interface AnsweredSession {
  check(statement: SentStatement): Sent
  /** Whether whoever gets the connection next finds nothing of others on it. */
  readonly isClean: boolean
  /** Rolls back what is open, and undoes what the system changed; rejects where nobody answers. */
  clean(send: (text: string) => Promise<unknown>): Promise<void>
}

/** An end alone, as drivers send it: its answer says that nothing is open. */
const end = /^(?:commit|rollback);?$/i

/** In every text that can begin a transaction, for those that nobody has looked at. */
const beginning = /\b(begin|start)\b/i

export function createAnsweredSession(guard: Guard): AnsweredSession {
  let session = guard.session({ confirms: true })
  let sent = 0
  // Something failed in a transaction, or while it began or ended: texts say nothing of it any more.
  let isUncertain = false

  return {
    check(statement) {
      const wasClean = session.state === 'clean'
      session.check(statement)
      sent += 1
      const number = sent
      return {
        answered() {
          // What was sent later may begin another one.
          if (number !== sent) return
          if (end.test(statement.text.trim())) isUncertain = false
          const isLeft = wasClean && !beginning.test(statement.text) ? false : undefined
          const isOpen = session.claimsOpen ?? isLeft
          if (!isUncertain && isOpen !== undefined) session.confirmed(isOpen)
        },
        failed() {
          isUncertain ||= session.state !== 'clean'
        },
      }
    },
    get isClean() {
      return session.state === 'clean'
    },
    async clean(send) {
      const before = sent
      if (session.state === 'changed') await resetSession(send)
      else await send('rollback')
      if (sent !== before) throw new Error('the connection was used meanwhile')
      session = guard.session({ confirms: true })
      isUncertain = false
    },
  }
}
