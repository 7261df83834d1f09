import { readdirSync } from 'node:fs'
import { isPartywallError } from '@partywall/context'
import {
  type GenerationRecord,
  openRollout,
  type RolloutOperator,
  type RolloutStatus,
} from '@partywall/rollout'
import type { Call } from './call.ts'

/** What is on record, or why it cannot be read. */
export type RecordReading =
  | {
      readonly ok: true
      readonly operator: RolloutOperator
      readonly status: RolloutStatus
      readonly newest: GenerationRecord
      /** Whether a stage that blocks was ever entered. */
      readonly blocked: boolean
    }
  | {
      readonly ok: false
      /** Whether there is simply no rollout in the folder. */
      readonly empty: boolean
      readonly message: string
    }

/** Reads and verifies the state folder, if there is one. */
export async function readRecord({
  configuration,
  clock,
}: Call<object>): Promise<RecordReading | undefined> {
  if (configuration.state === undefined) return undefined
  try {
    const operator = await openRollout(configuration.state, { clock })
    const generations = (await operator.history()).filter((entry) => entry.kind === 'generation')
    const newest = generations.reduce((one, other) => (other.number > one.number ? other : one))
    const status = await operator.status()
    return {
      ok: true,
      operator,
      status,
      newest,
      blocked: generations.some(({ stage }) => stage > 1),
    }
  } catch (error) {
    if (!isPartywallError(error)) throw error
    const empty = error.code === 'rollout.no_state' && isEmpty(configuration.state)
    return { ok: false, empty, message: error.message }
  }
}

function isEmpty(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT'
  }
}
