import type { HistoryEntry } from '@partywall/rollout'
import { type Command, Option } from 'commander'
import type { Attach, Call } from '../call.ts'
import { wholeNumber, withExamples, withPaths } from '../command-options.ts'
import { exitCodes } from '../exit-code.ts'
import { openState } from '../open-state.ts'
import type { Outcome } from '../outcome.ts'
import { checkLines } from '../render/gate-lines.ts'
import { historyLines } from '../render/history-lines.ts'
import { statusLines } from '../render/status-lines.ts'
import { addConfigureCommand } from './rollout-configure.ts'
import { addInitCommand } from './rollout-init.ts'
import { addStepCommands } from './rollout-steps.ts'

/** `partywall rollout`: the stages, and whether the next one may be entered. */
export function addRolloutCommands(program: Command, attach: Attach): void {
  const group = program
    .command('rollout')
    .description('the stages of enforcement, and whether the next step is safe')
  addInitCommand(group, attach)

  const status = group.command('status').description('what is in force, and who applied it')
  withExamples(withPaths(status, ['state']), ['rollout status --state /var/lib/partywall/state'])
  attach<object>(status, showStatus)

  const check = group
    .command('check')
    .description('ask every gate of this stage; exits 0 only when all of them are green')
  withExamples(withPaths(check, ['state']), ['rollout check', 'rollout check --json'])
  attach<object>(check, showCheck)

  addStepCommands(group, attach)
  addConfigureCommand(group, attach)

  const history = group
    .command('history')
    .description('every change on record: who, when, why; the newest last')
    .addOption(
      new Option('--limit <count>', 'the newest so many')
        .argParser(wholeNumber(1, 100_000))
        .default(50),
    )
  withExamples(withPaths(history, ['state']), ['rollout history --limit 10'])
  attach<{ readonly limit: number }>(history, showHistory)
}

async function showStatus(call: Call<object>): Promise<Outcome> {
  const status = await (await openState(call)).status()
  return { exitCode: exitCodes.ok, result: status, text: (paint) => statusLines(status, paint) }
}

async function showCheck(call: Call<object>): Promise<Outcome> {
  const check = await (await openState(call)).check()
  return {
    exitCode: check.verdict === 'green' ? exitCodes.ok : exitCodes.refused,
    result: check,
    text: (paint) => checkLines(check, paint),
  }
}

async function showHistory(call: Call<{ readonly limit: number }>): Promise<Outcome> {
  const all: readonly HistoryEntry[] = await (await openState(call)).history()
  const entries = all.slice(-call.options.limit)
  return {
    exitCode: exitCodes.ok,
    result: { total: all.length, entries },
    text: (paint) => historyLines(entries, paint),
  }
}
