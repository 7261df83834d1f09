import type { EnforcementStatus } from '@partywall/telemetry'
import type { Call } from './call.ts'
import { misconfigured, problemLines } from './cli-error.ts'
import { placeNames } from './configuration.ts'
import { readFlags } from './flag-check.ts'
import { openState } from './open-state.ts'

/**
 * What the enforcement dashboard shows of the rollout: what is on record, or where there is no
 * state folder, what the flag file and this environment say.
 */
export async function enforcementStatus(call: Call<object>): Promise<EnforcementStatus> {
  const settings =
    call.configuration.state === undefined
      ? settingsOfFlags(call)
      : await (await openState(call)).status()
  const { mode, stage, generation, enforcement, killSwitch } = settings
  const { enforcedModels, loggedModels } = settings
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

type Settings = Pick<EnforcementStatus, 'mode' | 'stage' | 'generation'> &
  Required<Pick<EnforcementStatus, 'enforcement' | 'killSwitch'>> & {
    readonly enforcedModels: readonly string[]
    readonly loggedModels: readonly string[]
  }

function settingsOfFlags({ configuration, environment }: Call<object>): Settings {
  const { models, flagFile, flagNames: names } = configuration
  if (models === undefined) {
    const { option, variable } = placeNames.state
    throw misconfigured(
      `this dashboard shows the settings in force: give ${option} or ${variable}, or "models" in the file of --config`,
    )
  }
  const { snapshot, problems } = readFlags({ models, names, environment, flagFile, always: false })
  if (snapshot === undefined) {
    throw misconfigured(`the settings are wrong: ${problemLines(problems).join('; ')}`)
  }
  const { mode, enforcement, killSwitch, enforcedModels, loggedModels } = snapshot
  return {
    mode,
    stage: undefined,
    generation: undefined,
    enforcement,
    killSwitch,
    enforcedModels,
    loggedModels,
  }
}
