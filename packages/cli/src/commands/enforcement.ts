import type { Command } from 'commander'
import type { Attach } from '../call.ts'
import { type ChangeOptions, withChange, withExamples, withPaths } from '../command-options.ts'
import { type WaitOptions, withWait } from '../fleet-wait.ts'
import { makeChange } from '../make-change.ts'

/** `partywall enforcement off|on`: opens the walls, and closes them again. */
export function addEnforcementCommands(program: Command, attach: Attach): void {
  const group = program
    .command('enforcement')
    .description('open or close the walls (this is not the kill switch: off blocks nothing)')
  for (const position of ['off', 'on'] as const) {
    const command = group
      .command(position)
      .description(
        position === 'off'
          ? 'nothing is blocked and nothing is logged: every tenant is served, walls open'
          : 'as strict again as the stage says',
      )
    withPaths(withWait(withChange(command)), ['state'])
    withExamples(command, [
      `enforcement ${position} --actor alice --reason "checkout is down" --wait 10`,
    ])
    attach<ChangeOptions & WaitOptions>(command, (call) =>
      makeChange(call, (operator, by) => operator.setEnforcement(position, by)),
    )
  }
}
