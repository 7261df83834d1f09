import { openRollout, type RolloutOperator } from '@partywall/rollout'
import type { Call } from './call.ts'
import { needPath } from './configuration.ts'

/** The rollout of the state folder that was given, verified. */
export function openState({ configuration, clock }: Call<object>): Promise<RolloutOperator> {
  return openRollout(needPath(configuration, 'state'), { clock })
}
