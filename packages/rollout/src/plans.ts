import { document001 } from './document-001.ts'
import type { GenerationRecord } from './records.ts'
import { RolloutError } from './rollout-error.ts'
import type { Stage, StagePlan } from './stage.ts'

/** The rollouts that a state folder can be about. */
const plans: readonly StagePlan[] = [document001]

/** @throws {@link RolloutError} `rollout.no_state` when a newer version made the record */
export function planOf({ plan }: Pick<GenerationRecord, 'plan'>): StagePlan {
  const found = plans.find(({ id }) => id === plan)
  if (found === undefined) {
    throw new RolloutError('rollout.no_state', 'the record names a plan that this version lacks')
  }
  return found
}

/** @throws {@link RolloutError} `rollout.no_state` */
export function stageOf(record: Pick<GenerationRecord, 'plan' | 'stage'>): Stage {
  const found = planOf(record).stages[record.stage]
  if (found === undefined) {
    throw new RolloutError('rollout.no_state', 'the record names a stage that its plan lacks')
  }
  return found
}
