import type { TenantId } from '@partywall/context'
import type { Adoption } from './adoption.ts'
import { defaultFlags } from './flags.ts'
import { isBlocking, isLooser } from './mode.ts'
import {
  carried,
  checkDeclared,
  invalid,
  latchFor,
  looserLatch,
  recomputed,
  refuseAlways,
  type Step,
  sameFlags,
} from './next-generation.ts'
import { planOf, stageOf } from './plans.ts'
import type { GenerationContent, GenerationRecord } from './records.ts'
import { RolloutError } from './rollout-error.ts'
import type { DeclaredModels } from './rollout-options.ts'
import { isEnforced, type LatchMode, modeInForce } from './settings.ts'
import type { StagePlan } from './stage.ts'
import { flagsOfStage } from './stage-flags.ts'
import type { TenantOverride } from './tenant-override.ts'

/** What an operator can change besides stages and modes. */
export interface Configuration {
  readonly models?: DeclaredModels | undefined
  /** The names of the instances that have to report. */
  readonly instances?: readonly string[] | undefined
  readonly allowBypass?: boolean | undefined
  readonly bypassRequiresReason?: boolean | undefined
  readonly logSampleRate?: number | undefined
  /** Days of each stage, from stage 0. @defaultValue those of the plan: 2, 8, 6, 12 */
  readonly dwellDays?: readonly number[] | undefined
}

// Every step is a pure function from the record in force to the content of the next one, or throws
// `rollout.invalid_change` (`rollout.always` where it would loosen walls that are always on).

export function initialGeneration(
  plan: StagePlan,
  models: DeclaredModels,
  instances: readonly string[],
  step: Step,
): GenerationContent {
  const first = plan.stages[0]
  if (first === undefined) throw invalid('the plan has no stages')
  checkDeclared(models, instances)
  return {
    kind: 'generation',
    change: 'init',
    plan: plan.id,
    stage: 0,
    stageEnteredAt: step.at,
    flags: flagsOfStage(first, models, [], defaultFlags),
    removedModels: [],
    tenants: {},
    models,
    instances,
    ...step,
  }
}

/** The next stage, with its own settings. Whether it may be entered is for the gates to say. */
export function advanced(
  current: GenerationRecord,
  step: Step,
  proof: Pick<GenerationContent, 'evidence' | 'baseline'>,
): GenerationContent {
  const next = planOf(current).stages[current.stage + 1]
  if (next === undefined) {
    throw new RolloutError('rollout.last_stage', 'this is the last stage; there is nothing beyond')
  }
  return {
    ...carried(current, 'advance', step),
    ...proof,
    stage: next.number,
    stageEnteredAt: step.at,
    flags: flagsOfStage(next, current.models, [], current.flags),
  }
}

/** The instant rollback: a looser mode in the same stage, until a person re-arms. */
export function rolledBack(
  current: GenerationRecord,
  to: LatchMode,
  step: Step,
): GenerationContent {
  refuseAlways(current)
  const mode = modeInForce(current.flags, current.latch)
  if (!isLooser(to, mode))
    throw invalid(`the mode is ${mode} already: there is nothing to roll back`)
  return recomputed({ ...carried(current, 'rollback', step), latch: to })
}

/** Ends a rollback: the stage's own settings again, and a new window. */
export function rearmed(current: GenerationRecord, step: Step): GenerationContent {
  refuseAlways(current)
  const { latch: _, ...rest } = carried(current, 'rearm', step)
  const next = recomputed(rest)
  if (current.latch === undefined && sameFlags(next.flags, current.flags)) {
    throw invalid('the settings are those of the stage already: there is nothing to re-arm')
  }
  return next
}

/** The partial rollback: one model is logged from now on, the others stay enforced. */
export function modelRemoved(
  current: GenerationRecord,
  model: string,
  step: Step,
): GenerationContent {
  refuseAlways(current)
  const mode = modeInForce(current.flags, current.latch)
  if (!(model in current.models) || !isEnforced(current.flags, mode, model)) {
    throw invalid('this model is not enforced, so it cannot be taken out')
  }
  return recomputed({
    ...carried(current, 'remove_model', step),
    removedModels: [...current.removedModels, model],
  })
}

export function modelRestored(
  current: GenerationRecord,
  model: string,
  step: Step,
): GenerationContent {
  if (!current.removedModels.includes(model)) {
    throw invalid('this model was not taken out of enforcement')
  }
  return recomputed({
    ...carried(current, 'restore_model', step),
    removedModels: current.removedModels.filter((removed) => removed !== model),
  })
}

/** Enforcement off opens the walls; it has nothing to do with the kill switch, which closes. */
export function enforcementSet(
  current: GenerationRecord,
  position: 'on' | 'off',
  step: Step,
): GenerationContent {
  refuseAlways(current)
  const stage = stageOf(current)
  if (!stage.enabled) throw invalid('enforcement begins with stage 1: advance instead')
  const inForce = current.flags.enabled && current.flags.mode !== 'disabled' ? 'on' : 'off'
  if (inForce === position) throw invalid(`enforcement is ${position} already`)
  const next = carried(current, 'enforcement', step)
  if (position === 'off') return { ...next, flags: { ...next.flags, enabled: false } }
  return recomputed({ ...next, flags: { ...next.flags, enabled: true } })
}

export function tenantOverridden(
  current: GenerationRecord,
  tenantId: TenantId,
  override: TenantOverride | undefined,
  step: Step,
): GenerationContent {
  refuseAlways(current)
  const { [tenantId]: _, ...others } = current.tenants
  if (override !== undefined && 'until' in override && !(override.until > step.at)) {
    throw invalid('the end of an exemption lies in the future')
  }
  const tenants = override === undefined ? others : { ...others, [tenantId]: override }
  return { ...carried(current, 'override_tenant', step), tenants }
}

export function configured(
  current: GenerationRecord,
  changes: Configuration,
  step: Step,
): GenerationContent {
  const {
    models = current.models,
    instances = current.instances,
    dwellDays = current.dwellDays,
    ...flags
  } = changes
  checkDeclared(models, instances)
  const {
    allowBypass = current.flags.allowBypass,
    bypassRequiresReason = current.flags.bypassRequiresReason,
    logSampleRate = current.flags.logSampleRate,
  } = flags
  if (stageOf(current).always && (allowBypass || !bypassRequiresReason)) refuseAlways(current)
  if (!(logSampleRate > 0 && logSampleRate <= 1)) {
    throw invalid('the sample rate is a number above 0 and at most 1')
  }
  if (dwellDays?.some((days) => !(days >= 0 && days < 1_000))) {
    throw invalid('a stage takes 0 to 1000 days')
  }
  return recomputed({
    ...carried(current, 'configure', step),
    ...(dwellDays === undefined ? {} : { dwellDays }),
    models,
    instances,
    removedModels: current.removedModels.filter((model) => model in models),
    flags: { ...current.flags, allowBypass, bypassRequiresReason, logSampleRate },
  })
}

/**
 * What an instance's environment or flag file says, taken over for the fleet. A mode looser than
 * the stage's is a rollback, and latches; a shorter ENFORCE list is a partial one.
 * @returns `undefined` when nothing that decides would change
 */
export function adoptedFrom(
  current: GenerationRecord,
  adoption: Adoption,
  instance: string,
  at: number,
): GenerationContent | undefined {
  const stage = stageOf(current)
  const { flags, source, content } = adoption
  const asked = stage.enabled && flags.enabled && isLooser(flags.mode, stage.mode)
  const latch = looserLatch(current.latch, asked ? latchFor(flags) : undefined)
  const ofStage = flagsOfStage(stage, current.models, [], flags)
  // While nothing is blocked, nothing can be said about which models are taken out.
  const blocking = latch === undefined && isBlocking(modeInForce(flags, latch))
  const removedModels = blocking
    ? Object.keys(current.models).filter(
        (model) => isEnforced(ofStage, stage.mode, model) && !isEnforced(flags, flags.mode, model),
      )
    : current.removedModels
  const tenants = source === 'file' ? Object.fromEntries(adoption.tenants) : current.tenants
  const step: Step = { actor: source, reason: `the ${source} of ${instance} says so`, at }
  const next: GenerationContent = {
    ...carried(current, 'adopt', step),
    flags,
    latch,
    removedModels,
    tenants,
    adopted: { source, instance, content },
  }
  const same = [flags, latch, removedModels, tenants]
  const before = [current.flags, current.latch, current.removedModels, current.tenants]
  return JSON.stringify(same) === JSON.stringify(before) ? undefined : next
}
