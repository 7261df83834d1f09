import { automaticActor } from './change.ts'
import { ask } from './evaluate.ts'
import { type Evidence, isClosed, withoutClosedTime } from './evidence.ts'
import { isBlocking } from './mode.ts'
import type { GenerationContent } from './records.ts'
import { instantRollbackGates } from './recurring-gates.ts'
import { modeInForce } from './settings.ts'
import { rolledBack } from './transitions.ts'

/**
 * The rollback that line 140 asks for, if it does: a share of errors above 1 %, or errors that users
 * see. It latches, so it comes once. Never while tenancy is off anywhere, and never for a share of
 * that time or before: the walls would open by themselves as soon as it is on again.
 */
export function automaticRollback(evidence: Evidence): GenerationContent | undefined {
  const { generation, stage, now } = evidence
  const { flags, latch } = generation
  if (stage.always || latch !== undefined || !isBlocking(modeInForce(flags, latch))) {
    return undefined
  }
  if (isClosed(evidence)) return undefined
  const open = withoutClosedTime(evidence)
  const red = instantRollbackGates
    .map((gate) => ask(gate, open))
    .filter(({ verdict }) => verdict === 'red')
  if (red.length === 0) return undefined
  const reason = red
    .map(
      ({ title, value, threshold, samples }) => `${title}: ${value} (${threshold}) of ${samples}`,
    )
    .join('; ')
  return rolledBack(generation, 'log_only', { actor: automaticActor, reason, at: now })
}
