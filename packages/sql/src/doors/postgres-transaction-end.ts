import { currentScope } from '@partywall/context/spi'
import type { Guard, GuardSession, SentStatement } from '../guard/guard.ts'
import { SqlGuardError } from '../guard/sql-guard-error.ts'
import { parse } from '../parse/parse.ts'
import { bodyOf } from '../parse/syntax-tree.ts'

/** Sees statements that end the transaction of a `begin` whose work goes on. */
export interface TransactionEnd {
  /** Throws where the statement must not be sent. */
  check(statement: SentStatement, check: (statement: SentStatement) => void): void
}

const endedWithin = 'sql.begin ends its transaction when its work is done: nothing in it may'

/**
 * The driver gives a connection to others as soon as the server says that no transaction is open, and
 * still sends by it what the work asks for. So an end is a violation, like what nobody can look at.
 * Where it is only counted it is sent, as without a guard; but work of the system that would go on in
 * the transactions of others, or leave them its session, never is.
 */
export function watchEnd(guard: Guard, session: GuardSession): TransactionEnd {
  let hasEnded = false
  return {
    check(statement, check) {
      if (hasEnded && currentScope()?.system !== undefined) throw ended()
      const before = session.claimsOpen
      check(statement)
      const isChanged = session.state === 'changed'
      if (isChanged && session.claimsOpen === undefined && hasEnd(statement.text)) throw ended()
      if (session.claimsOpen !== false || before === false) return
      // One of its own: this one would take it for a change of the session.
      guard.session().check({ ...statement, opaque: true })
      if (isChanged) throw ended()
      hasEnded = true
    },
  }
}

function ended(): SqlGuardError {
  return new SqlGuardError('sql.transaction', endedWithin)
}

const ends: ReadonlySet<unknown> = new Set([
  'TRANS_STMT_COMMIT',
  'TRANS_STMT_ROLLBACK',
  'TRANS_STMT_PREPARE',
])

/** Whether one of several statements that nobody proves ends the transaction. */
function hasEnd(text: string): boolean {
  try {
    return parse(text, Number.POSITIVE_INFINITY).statements.some((statement) => {
      const end = statement['TransactionStmt']
      return end !== undefined && ends.has(bodyOf(end)['kind'])
    })
  } catch {
    // The server does not read it either.
    return false
  }
}
