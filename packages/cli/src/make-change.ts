import type {
  Change,
  FleetWait,
  GenerationRecord,
  RolloutOperator,
  RolloutStatus,
} from '@partywall/rollout'
import type { Call } from './call.ts'
import { type ChangeOptions, readChange } from './command-options.ts'
import { exitCodes } from './exit-code.ts'
import { fleetCell, type WaitOptions, waitForFleet } from './fleet-wait.ts'
import { pairs } from './layout.ts'
import { momentText } from './measures.ts'
import { onRecord } from './on-record.ts'
import { openState } from './open-state.ts'
import type { Outcome } from './outcome.ts'

/** Makes one change of the settings, shows the generation that it made, and waits if asked to. */
export async function makeChange(
  call: Call<ChangeOptions & WaitOptions>,
  change: (operator: RolloutOperator, by: Change) => Promise<GenerationRecord>,
): Promise<Outcome> {
  const by = readChange(call.options)
  const operator = await openState(call)
  const record = await change(operator, by)
  return changeOutcome(call, operator, record)
}

/** Waits where that was asked for, and tells what was made. */
export async function changeOutcome(
  call: Call<WaitOptions>,
  operator: RolloutOperator,
  record: GenerationRecord,
): Promise<Outcome> {
  const { number: generation, change, at, actor, reason } = record
  return onRecord({ generation, change, at, actor, reason }, async () => {
    const fleet = await waitForFleet(call, operator, { generation })
    return generationOutcome(record, await operator.status(), fleet)
  })
}

/** What is told about a generation that was just made. */
function generationOutcome(
  { number: generation, change, at, actor, reason }: GenerationRecord,
  { stage, stageName, mode, latch, enforcement, removedModels }: RolloutStatus,
  fleet: FleetWait | undefined,
): Outcome {
  const settings = { stage, stageName, mode, latch, enforcement, removedModels }
  return {
    exitCode: fleet?.ok === false ? exitCodes.unconfirmed : exitCodes.ok,
    result: { generation, change, ...settings, at, actor, reason, fleet },
    text: (paint) => [
      paint(`generation ${generation}: ${change.replaceAll('_', ' ')}`, 'strong'),
      ...pairs(
        [
          ['stage', `${stage} (${stageName})`],
          ['mode', latch === undefined ? mode : `${mode}, rolled back until a person re-arms`],
          [
            'enforcement',
            enforcement === 'on' || stage === 0 ? enforcement : { text: 'off', tone: 'bad' },
          ],
          ...(removedModels.length === 0
            ? []
            : [['taken out', { text: removedModels.join(', '), tone: 'warn' }] as const]),
          ['by', `${actor}: ${reason}`],
          ['at', `${momentText(at)} UTC`],
          ['fleet', fleetCell(fleet)],
        ],
        paint,
      ),
    ],
  }
}
