import type { EnforcementStatus } from '@partywall/telemetry'
import type { Call } from './call.ts'
import { openState } from './open-state.ts'

/** What the enforcement dashboard shows of the rollout. */
export async function enforcementStatus(call: Call<object>): Promise<EnforcementStatus> {
  const operator = await openState(call)
  const { mode, stage, generation, enforcement, killSwitch, enforcedModels, loggedModels } =
    await operator.status()
  return {
    mode,
    stage,
    generation,
    enforcement,
    killSwitch,
    enforcedModels: enforcedModels.length,
    loggedModels: loggedModels.length,
  }
}
