import type { DecisionEvent, SystemScope } from '@partywall/context'
import { unspecifiedReason } from '@partywall/context/spi'
import type { CounterCells } from './counter-cells.ts'
import type { OperationAccount } from './operation-account.ts'
import type { BlockedSignatures } from './signature.ts'
import type { KnownSignature } from './signature-cache.ts'

/** What the counters made of a decision. */
interface Counted {
  /** Whether a record of it is to be written. */
  readonly record: boolean
}

/** Counts decisions. Nothing here is sampled. */
export interface DecisionAccount {
  count(event: DecisionEvent, endpoint: string, known: () => KnownSignature): Counted
}

// Statements of one system scope that are told apart; what comes after is counted, not recorded.
const recordsPerScope = 100
const written: Counted = { record: true }
const silent: Counted = { record: false }

export function createDecisionAccount(
  cells: CounterCells,
  operations: OperationAccount,
  signatures: BlockedSignatures,
): DecisionAccount {
  const uses = new WeakMap<SystemScope, Set<string>>()

  const bypass = ({ violation, scope }: DecisionEvent, known: () => KnownSignature): Counted => {
    cells.bypassedStatement(violation.model, violation.severity)
    const system = scope?.system
    if (system === undefined) {
      cells.bypassUse(unspecifiedReason)
      return written
    }
    let seen = uses.get(system)
    if (seen === undefined) {
      seen = new Set()
      uses.set(system, seen)
      cells.bypassUse(system.reason)
    }
    const { id } = known()
    if (seen.has(id) || seen.size >= recordsPerScope) return silent
    seen.add(id)
    return written
  }

  return {
    count(event, endpoint, known) {
      const { violation, decision, scope } = event
      const { model, severity } = violation
      if (decision.action === 'off') return silent
      if (decision.reason === 'kill_switch') {
        // Refused whatever it does: it proves nothing, and its operation is in no share either.
        if (scope?.operation !== undefined) operations.refused(scope.operation)
        return silent
      }
      if (decision.action === 'bypass') return bypass(event, known)
      cells.violation(model, severity, endpoint)
      if (decision.action === 'allow') return silent
      if (decision.action === 'log') return decision.record ? written : silent
      cells.block(model, severity, endpoint)
      if (scope?.operation === undefined) cells.add('blocksOutside')
      else operations.blocked(scope.operation)
      const { id, signature } = known()
      if (!signatures.count(id, signature, severity)) cells.add('unlistedBlocks')
      return written
    },
  }
}
