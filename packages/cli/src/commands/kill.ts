import { isPartywallError } from '@partywall/context'
import {
  type Change,
  type FleetWait,
  type KillSwitchRecord,
  RolloutError,
  type RolloutOperator,
} from '@partywall/rollout'
import type { Command } from 'commander'
import type { Attach, Call } from '../call.ts'
import {
  type ChangeOptions,
  readChange,
  withChange,
  withExamples,
  withPaths,
} from '../command-options.ts'
import { exitCodes } from '../exit-code.ts'
import { fleetCell, type WaitOptions, waitForFleet, withWait } from '../fleet-wait.ts'
import { pairs } from '../layout.ts'
import { momentText } from '../measures.ts'
import { onRecord } from '../on-record.ts'
import { openState } from '../open-state.ts'
import type { Outcome } from '../outcome.ts'

/** `partywall kill on|off`: closes the service to every tenant but the default one. */
export function addKillCommands(program: Command, attach: Attach): void {
  const group = program
    .command('kill')
    .description(
      'the kill switch: close the service to every tenant but the default one, or open it',
    )
  for (const position of ['on', 'off'] as const) {
    const command = group
      .command(position)
      .description(
        position === 'on'
          ? 'tenants get 501, jobs too; the default tenant is served; no data is touched'
          : 'every tenant is served again, as strictly as the stage says',
      )
    withPaths(withWait(withChange(command)), ['state'])
    withExamples(command, [`kill ${position} --actor alice --reason "incident 4711" --wait 10`])
    attach<ChangeOptions & WaitOptions>(command, (call) => flip(call, position))
  }
}

async function flip(
  call: Call<ChangeOptions & WaitOptions>,
  position: 'on' | 'off',
): Promise<Outcome> {
  const by = readChange(call.options)
  const { operator, made } = await put(call, position, by)
  const { number: record, killSwitch, at, actor, reason } = made
  const facts = { record, killSwitch, at, actor, reason }
  return onRecord(facts, async () =>
    flipOutcome(made, await waitForFleet(call, operator, { killSwitchRecord: record })),
  )
}

async function put(
  call: Call<object>,
  position: 'on' | 'off',
  by: Change,
): Promise<{ readonly operator: RolloutOperator; readonly made: KillSwitchRecord }> {
  try {
    const operator = await openState(call)
    return { operator, made: await operator.setKillSwitch(position, by) }
  } catch (error) {
    throw position === 'on' ? withOtherWay(error, call) : error
  }
}

/** Whoever has to close must not be left with a refusal alone. */
function withOtherWay(error: unknown, { configuration }: Call<object>): unknown {
  if (!isPartywallError(error)) return error
  const code = withoutRecord.find((known) => known === error.code)
  if (code === undefined) return error
  const { tenancyEnabled } = configuration.flagNames
  const otherWay = `the record was not made; close without it: ${tenancyEnabled}=false in the flag file of the instances, or in their environment with a restart`
  return new RolloutError(code, `${error.message}\n${otherWay}`, { cause: error })
}

/** Refusals that leave only the other way to close. */
const withoutRecord = ['rollout.chain_broken', 'rollout.no_state', 'rollout.unwritable'] as const

function flipOutcome(
  { number: record, killSwitch, at, actor, reason }: KillSwitchRecord,
  fleet: FleetWait | undefined,
): Outcome {
  return {
    exitCode: fleet?.ok === false ? exitCodes.unconfirmed : exitCodes.ok,
    result: { record, killSwitch, at, actor, reason, fleet },
    text: (paint) => [
      paint(`kill switch ${killSwitch} (record ${record})`, killSwitch === 'on' ? 'bad' : 'strong'),
      ...pairs(
        [
          [
            'means',
            killSwitch === 'on'
              ? 'only the default tenant is served'
              : 'every tenant is served, unless the environment or a flag file says otherwise',
          ],
          ['by', `${actor}: ${reason}`],
          ['at', `${momentText(at)} UTC`],
          ['fleet', fleetCell(fleet)],
        ],
        paint,
      ),
    ],
  }
}
