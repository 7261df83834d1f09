/**
 * How strict the walls are today, and whether the next step is safe.
 * @packageDocumentation
 */
export { createRollout, type Rollout } from './create-rollout.ts'
export { defaultFlagNames, type FlagNames, pulseFlagNames } from './flag-names.ts'
export { type RolloutMode, rolloutModes } from './mode.ts'
export type { RolloutProblem } from './problem.ts'
export { type FlagProblem, RolloutError, type RolloutErrorCode } from './rollout-error.ts'
export type { DeclaredModels, RolloutOptions, StateOptions } from './rollout-options.ts'
export { type RolloutSnapshot, type SettingsSource, settingsSources } from './snapshot.ts'
export type { SystemJob } from './system-job.ts'
