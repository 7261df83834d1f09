import { type Change, parseChange } from './change.ts'
import { document001 } from './document-001.ts'
import type { GenerationRecord } from './records.ts'
import { RolloutError } from './rollout-error.ts'
import type { DeclaredModels } from './rollout-options.ts'
import { makeRooms, stateFolder } from './state-folder.ts'
import { initialGeneration } from './transitions.ts'

/** What a rollout begins with. */
export interface InitOptions extends Change {
  readonly models: DeclaredModels
  /** The stable names of the instances that have to report. */
  readonly instances: readonly string[]
  /** Epoch milliseconds. @defaultValue `Date.now` */
  readonly clock?: (() => number) | undefined
}

/**
 * Makes the state folder of a rollout, in stage 0: nothing is enforced and tenancy is on.
 * @throws {@link RolloutError} `rollout.exists`, `rollout.unwritable`, `rollout.invalid_change`
 */
export async function initRollout(folder: string, options: InitOptions): Promise<GenerationRecord> {
  const { models, instances, clock = Date.now } = options
  const step = { ...parseChange(options), at: clock() }
  const first = initialGeneration(document001, models, instances, step)
  makeRooms(folder)
  const state = stateFolder(folder)
  if (state.generations.readAll().length > 0) {
    throw new RolloutError('rollout.exists', 'there is a rollout in this folder already')
  }
  if (state.killSwitch.readAll().length === 0) {
    state.killSwitch.append({ kind: 'kill_switch', killSwitch: 'off', ...step }, undefined)
  }
  // Last: a folder with a generation is a rollout, and one without can be begun again.
  return state.generations.append(first, undefined)
}
