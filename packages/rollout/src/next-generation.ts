import type { Change } from './change.ts'
import { checkModels } from './declared-models.ts'
import type { Flags } from './flags.ts'
import { instancePattern } from './fleet-report.ts'
import { isLooser } from './mode.ts'
import { planOf, stageOf } from './plans.ts'
import type { GenerationChange, GenerationContent, GenerationRecord } from './records.ts'
import { RolloutError } from './rollout-error.ts'
import type { DeclaredModels } from './rollout-options.ts'
import type { LatchMode } from './settings.ts'
import type { Stage } from './stage.ts'
import { flagsOfStage } from './stage-flags.ts'

/** Who takes a step, why, and when on the rollout's clock. */
export interface Step extends Change {
  readonly at: number
}

/** The record in force as the beginning of the next one: everything but what was of its own. */
export function carried(
  current: GenerationRecord,
  change: GenerationChange,
  { actor, reason, at }: Step,
): GenerationContent {
  const { number: _, previous: _previous, hash: _hash, adopted, evidence, ...rest } = current
  return { ...rest, change, actor, reason, at }
}

/** The flags that follow from stage, rollback and removed models; enforcement off stays off. */
export function recomputed(content: GenerationContent): GenerationContent {
  const { latch, models, removedModels, flags } = content
  const stage = stageOf(content)
  const ofStage =
    latch === 'selective'
      ? flagsOfStage(selectiveStageOf(content), models, removedModels, flags)
      : flagsOfStage(stage, models, removedModels, flags)
  const capped: Flags = latch === 'log_only' ? { ...ofStage, mode: 'log_only' } : ofStage
  const off = stage.enabled && !flags.enabled
  return { ...content, flags: off ? { ...capped, enabled: false } : capped }
}

/** The rollback that a document with a looser mode asks for. */
export function latchFor({ mode }: Flags): LatchMode | undefined {
  return mode === 'log_only' || mode === 'selective' ? mode : undefined
}

export function looserLatch(
  one: LatchMode | undefined,
  other: LatchMode | undefined,
): LatchMode | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return isLooser(one, other) ? one : other
}

export function sameFlags(one: Flags, other: Flags): boolean {
  const keys = Object.keys(one) as (keyof Flags)[]
  return keys.every((key) => JSON.stringify(one[key]) === JSON.stringify(other[key]))
}

/** @throws {@link RolloutError} `rollout.always` */
export function refuseAlways(current: GenerationRecord): void {
  if (!stageOf(current).always) return
  throw new RolloutError(
    'rollout.always',
    'the walls are always on in this stage; only the kill switch and a deployment are left',
  )
}

/** @throws {@link RolloutError} `rollout.invalid_change`, `rollout.invalid_options` */
export function checkDeclared(models: DeclaredModels, instances: readonly string[]): void {
  checkModels(models)
  if (!Object.values(models).includes('CRITICAL')) {
    throw invalid('no model is CRITICAL, so there is nothing to begin enforcement with')
  }
  const unique = new Set(instances)
  if (unique.size === 0 || unique.size < instances.length) {
    throw invalid('name the expected instances, each once')
  }
  if (instances.some((instance) => !instancePattern.test(instance))) {
    throw invalid(`an instance is called ${instancePattern.source}`)
  }
}

export function invalid(why: string): RolloutError {
  return new RolloutError('rollout.invalid_change', why)
}

function selectiveStageOf(content: GenerationContent): Stage {
  const found = planOf(content).stages.find(({ mode }) => mode === 'selective')
  if (found === undefined) throw invalid('this plan has no selective stage to roll back to')
  return found
}
