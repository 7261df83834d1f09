import type { RolloutMode } from './mode.ts'

/** Where the settings in force came from. */
export const settingsSources = ['code', 'environment', 'file', 'state'] as const
export type SettingsSource = (typeof settingsSources)[number]

/** The settings in force, as a frozen picture: what `decide` goes by until the next one. */
export interface RolloutSnapshot {
  /** The number of the record in the state folder; without one, counted in this process from 1. */
  readonly generation: number
  /** The stage of the rollout; absent without a state folder. */
  readonly stage?: number
  /** The mode in force: `log_only` or `selective` while a rollback latches. */
  readonly mode: RolloutMode
  readonly enforcement: 'on' | 'off'
  readonly killSwitch: 'on' | 'off'
  readonly rolledBack: boolean
  /** Declared models whose violations are blocked now. */
  readonly enforcedModels: readonly string[]
  /** Declared models whose violations are logged now. */
  readonly loggedModels: readonly string[]
  readonly allowBypass: boolean
  readonly bypassRequiresReason: boolean
  readonly logSampleRate: number
  /** Tenants with a mode of their own. */
  readonly overriddenTenants: number
  readonly source: SettingsSource
  readonly actor: string
  readonly reason: string
  readonly warnings: readonly string[]
}
