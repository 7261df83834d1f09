import type { Evidence } from './evidence.ts'
import type { Flags } from './flags.ts'
import { isLooser } from './mode.ts'
import { isEnforced, isLogged, modeInForce } from './settings.ts'
import { flagsOfStage } from './stage-flags.ts'

/** In what the settings in force differ from what their stage says: with any, it proves little. */
export function settingsDifferences(evidence: Evidence): readonly string[] {
  const { generation, stage, now } = evidence
  const { flags, latch, removedModels, models, tenants } = generation
  const mode = modeInForce(flags, latch)
  const found: string[] = []
  if (stage.enabled && !flags.enabled) found.push('enforcement is off')
  if (latch !== undefined) found.push(`rolled back to ${latch}, not re-armed`)
  for (const model of removedModels) found.push(`${model} is taken out of enforcement`)
  const wanted = flagsOfStage(stage, models, removedModels, flags)
  if (found.length === 0 && !sameRules(wanted, flags, Object.keys(models)))
    found.push('the flags are not those of the stage')
  const exempt = Object.values(tenants).filter(
    (override) => 'until' in override && override.until > now && isLooser(override.mode, mode),
  )
  if (exempt.length > 0) found.push(`exempt tenants: ${exempt.length}`)
  return found
}

/** Whether both answer every violation alike; bypass and sampling are the operators' own. */
function sameRules(one: Flags, other: Flags, models: readonly string[]): boolean {
  const mode = modeInForce(one, undefined)
  if (mode !== modeInForce(other, undefined)) return false
  return models.every(
    (model) =>
      isEnforced(one, mode, model) === isEnforced(other, mode, model) &&
      isLogged(one, mode, model) === isLogged(other, mode, model),
  )
}
