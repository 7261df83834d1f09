import type { Adoption } from './adoption.ts'
import { defaultFlags } from './flags.ts'
import type { Settings } from './settings.ts'

/** What an instance goes by: in its own process, or on record for the whole fleet. */
export interface Ledger {
  /** The settings in force, but for what only this process knows. */
  settings(): Settings
  /**
   * Takes over what the environment or the flag file says, where that is news. At the start of a
   * process the fleet's last word from such a source is none.
   */
  adopt(adoption: Adoption, when: 'start' | 'change'): void
  /** Something else of this process changed: where generations are counted here, it is a new one. */
  count(): void
  close(): void
}

/** Levels 1 and 2: no folder, no stages; generations are counted in this process. */
export function createLocalLedger(always: boolean): Ledger {
  let generation = always ? 1 : 0
  let adopted: Adoption | undefined
  let reason = 'always on, by code'
  return {
    settings: () => ({
      generation,
      stage: undefined,
      flags: adopted?.flags ?? defaultFlags,
      killSwitch: 'off',
      latch: undefined,
      tenants: adopted?.tenants ?? new Map(),
      always,
      source: always ? 'code' : (adopted?.source ?? 'environment'),
      actor: always ? 'code' : (adopted?.source ?? 'environment'),
      reason,
      warnings: adopted?.warnings ?? [],
    }),
    adopt(adoption) {
      if (always || adopted?.content === adoption.content) return
      // A document without the master switch says nothing about enforcement: silence is never "off".
      if (adopted !== undefined && adoption.silent) return
      generation += 1
      reason = adopted === undefined ? 'read at the start' : `the ${adoption.source} says so`
      adopted = adoption
    },
    count() {
      generation += 1
    },
    close: () => undefined,
  }
}
