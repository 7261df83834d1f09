import type { FlagMode } from './mode.ts'

/** Names of declared models, or all of them. */
export type ModelList = 'all' | readonly string[]

/** The enforcement flags, after every value was checked. */
export interface Flags {
  readonly enabled: boolean
  readonly mode: FlagMode
  /** Models whose violations are written down; the others are only counted. */
  readonly models: ModelList
  readonly enforceModels: ModelList
  readonly logModels: ModelList
  readonly allowBypass: boolean
  readonly bypassRequiresReason: boolean
  /** The share of logged violations that is written in full, above 0 and at most 1. */
  readonly logSampleRate: number
}

/** What holds where nothing was said: nothing is enforced, no bypass, everything is written. */
export const defaultFlags: Flags = Object.freeze({
  enabled: false,
  mode: 'disabled',
  models: 'all',
  enforceModels: Object.freeze([]),
  logModels: Object.freeze([]),
  allowBypass: false,
  bypassRequiresReason: true,
  logSampleRate: 1,
})

/** Whether `list` names `model`. */
export function lists(list: ModelList, model: string): boolean {
  return list === 'all' || list.includes(model)
}
