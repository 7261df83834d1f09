import type { Command } from 'commander'
import type { Attach } from '../call.ts'
import { addListCommand } from './violations-list.ts'
import { addTriageCommand } from './violations-triage.ts'

/** `partywall violations`: what was seen, and what people made of it. */
export function addViolationsCommands(program: Command, attach: Attach): void {
  const group = program
    .command('violations')
    .description('what the walls saw, and what a person found out about it')
  addListCommand(group, attach)
  addTriageCommand(group, attach)
}
