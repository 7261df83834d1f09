import type { FleetWait, RolloutOperator } from '@partywall/rollout'
import { type Command, Option } from 'commander'
import type { Call } from './call.ts'
import { wholeNumber } from './command-options.ts'
import type { Cell } from './layout.ts'

export interface WaitOptions {
  readonly wait?: number
}

/** Lets a change wait until every expected instance has applied it. */
export function withWait(command: Command): Command {
  return command.addOption(
    new Option('--wait <seconds>', 'wait until every expected instance applied it').argParser(
      wholeNumber(1, 600),
    ),
  )
}

/** Waits where `--wait` asks for it; what it waits for is a generation, or a kill switch record. */
export async function waitForFleet(
  { options, notify }: Call<WaitOptions>,
  operator: RolloutOperator,
  target: { readonly generation: number } | { readonly killSwitchRecord: number },
): Promise<FleetWait | undefined> {
  if (options.wait === undefined) return undefined
  const what = 'generation' in target ? `generation ${target.generation}` : 'the kill switch'
  notify(`on record; waiting up to ${options.wait} s until every instance applied ${what}`)
  return operator.waitForFleet({ ...target, timeoutMs: options.wait * 1000 })
}

/** What became of the wait, in one line. */
export function fleetCell(fleet: FleetWait | undefined): Cell {
  if (fleet === undefined) return { text: 'not waited for; --wait 10 would' }
  if (fleet.ok)
    return {
      text: `every instance applied it within ${Math.ceil(fleet.elapsedMs)} ms`,
      tone: 'good',
    }
  const names = fleet.laggards.join(', ')
  return { text: `not applied after ${Math.ceil(fleet.elapsedMs)} ms by: ${names}`, tone: 'bad' }
}
