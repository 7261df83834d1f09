import type { FleetWait, KillSwitchRecord } from '@partywall/rollout'
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
  const operator = await openState(call)
  const made = await operator.setKillSwitch(position, by)
  const { number: record, killSwitch, at, actor, reason } = made
  const facts = { record, killSwitch, at, actor, reason }
  return onRecord(facts, async () =>
    flipOutcome(made, await waitForFleet(call, operator, { killSwitchRecord: record })),
  )
}

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
