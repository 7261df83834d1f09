import { defaultFlags, type Flags, type ModelList } from './flags.ts'
import { RolloutError } from './rollout-error.ts'
import type { DeclaredModels } from './rollout-options.ts'
import type { ModelSelection, Stage } from './stage.ts'

/** What a stage leaves to the operators. */
export type CarriedFlags = Pick<Flags, 'allowBypass' | 'bypassRequiresReason' | 'logSampleRate'>

/**
 * The flags of a stage, less the models that were taken out of enforcement: those are logged, and
 * everything else stays enforced.
 * @throws {@link RolloutError} `rollout.invalid_change` when nothing would be left to enforce
 */
export function flagsOfStage(
  stage: Stage,
  models: DeclaredModels,
  removed: readonly string[],
  carried: CarriedFlags,
): Flags {
  const enforced = select(stage.enforceModels, models)
  const logged = select(stage.logModels, models)
  const common = {
    ...defaultFlags,
    allowBypass: stage.always ? false : carried.allowBypass,
    bypassRequiresReason: stage.always ? true : carried.bypassRequiresReason,
    logSampleRate: carried.logSampleRate,
    enabled: stage.enabled,
    mode: stage.mode,
  }
  const taken = removed.filter((model) => enforced.includes(model))
  if (taken.length === 0) {
    return Object.freeze({
      ...common,
      enforceModels: listOf(stage.enforceModels, enforced),
      logModels: listOf(stage.logModels, logged),
    })
  }
  const left = enforced.filter((model) => !taken.includes(model))
  if (left.length === 0) {
    throw new RolloutError(
      'rollout.invalid_change',
      'this is the last enforced model; roll back to log_only instead',
    )
  }
  return Object.freeze({
    ...common,
    // Mode enforce ignores both lists, so a model can only be taken out of a selective mode.
    mode: 'selective',
    enforceModels: Object.freeze(left),
    logModels: Object.freeze([...logged, ...taken]),
  })
}

function select(selection: ModelSelection, models: DeclaredModels): readonly string[] {
  const names = Object.keys(models)
  if (selection === 'all') return names
  if (selection === 'none') return []
  return 'severity' in selection
    ? names.filter((name) => models[name] === selection.severity)
    : names.filter((name) => models[name] !== selection.below)
}

function listOf(selection: ModelSelection, selected: readonly string[]): ModelList {
  return selection === 'all' ? 'all' : Object.freeze(selected)
}
