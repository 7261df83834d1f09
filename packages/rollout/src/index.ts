/**
 * How strict the walls are today, and whether the next step is safe.
 * @packageDocumentation
 */
export { type AdoptionSource, adoptionSources } from './adoption.ts'
export type { ChainLink } from './chain.ts'
export type { Change } from './change.ts'
export type { Check, GateResult } from './check.ts'
export { createRollout, type Rollout } from './create-rollout.ts'
export { document001 } from './document-001.ts'
export { defaultFlagNames, type FlagNames, pulseFlagNames } from './flag-names.ts'
export type { Flags, ModelList } from './flags.ts'
export type { FleetWait, FleetWaitOptions } from './fleet-wait.ts'
export { type Gate, type MeasureName, measures } from './gate.ts'
export { type InitOptions, initRollout } from './init-rollout.ts'
export { type FlagMode, flagModes, type RolloutMode, rolloutModes } from './mode.ts'
export {
  type HistoryEntry,
  type OperatorOptions,
  openRollout,
  type RolloutOperator,
} from './operator.ts'
export type { RolloutProblem } from './problem.ts'
export {
  type GenerationChange,
  type GenerationContent,
  type GenerationRecord,
  generationChanges,
  type KillSwitchContent,
  type KillSwitchRecord,
  type Recorded,
  type Ruling,
  rulings,
  type TriageContent,
  type TriageRecord,
} from './records.ts'
export { instantRollbackGates } from './recurring-gates.ts'
export { type FlagProblem, RolloutError, type RolloutErrorCode } from './rollout-error.ts'
export type { DeclaredModels, RolloutOptions, StateOptions } from './rollout-options.ts'
export { type LatchMode, latchModes } from './settings.ts'
export type { BlockedSignature } from './signatures.ts'
export { type RolloutSnapshot, type SettingsSource, settingsSources } from './snapshot.ts'
export type { ModelSelection, Stage, StagePlan } from './stage.ts'
export type { InstanceStatus, RolloutStatus } from './status.ts'
export type { SystemJob } from './system-job.ts'
export { type OverrideMode, overrideModes, type TenantOverride } from './tenant-override.ts'
export type { Configuration } from './transitions.ts'
export { type Verdict, verdicts } from './verdict.ts'
