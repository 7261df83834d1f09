import { type Flags, lists } from './flags.ts'
import { type FlagMode, isLooser } from './mode.ts'
import type { SettingsSource } from './snapshot.ts'
import type { TenantOverrides } from './tenant-override.ts'

/** The mode that a rollback holds until a person re-arms. */
export const latchModes = ['log_only', 'selective'] as const
export type LatchMode = (typeof latchModes)[number]

/** Everything that decides, as one document: a snapshot is compiled from it. */
export interface Settings {
  readonly generation: number
  readonly stage: number | undefined
  readonly flags: Flags
  readonly killSwitch: 'on' | 'off'
  readonly latch: LatchMode | undefined
  readonly tenants: TenantOverrides
  /** Whether the last stage is reached, or the code says so: no flag is read. */
  readonly always: boolean
  readonly source: SettingsSource
  readonly actor: string
  readonly reason: string
  readonly warnings: readonly string[]
}

/** The mode in force under these flags: a rollback makes it looser, never stricter. */
export function modeInForce(flags: Flags, latch: LatchMode | undefined): FlagMode {
  if (!flags.enabled || flags.mode === 'disabled') return 'disabled'
  return latch !== undefined && isLooser(latch, flags.mode) ? latch : flags.mode
}

/** Whether a violation of this declared model is blocked in `mode`. */
export function isEnforced(flags: Flags, mode: FlagMode, model: string): boolean {
  if (mode === 'enforce') return true
  return mode === 'selective' && lists(flags.enforceModels, model)
}

/** Whether a violation of this declared model is logged in `mode`. */
export function isLogged(flags: Flags, mode: FlagMode, model: string): boolean {
  if (mode === 'disabled' || isEnforced(flags, mode, model)) return false
  return lists(flags.models, model) && (mode === 'log_only' || lists(flags.logModels, model))
}
