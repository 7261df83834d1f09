import { isPartywallError } from '@partywall/context'
import { type Command, Option } from 'commander'
import type { Attach, Call } from '../call.ts'
import {
  type ChangeOptions,
  readChange,
  wholeNumber,
  withChange,
  withExamples,
  withPaths,
} from '../command-options.ts'
import { exitCodes } from '../exit-code.ts'
import { type WaitOptions, withWait } from '../fleet-wait.ts'
import { changeOutcome, makeChange } from '../make-change.ts'
import { openState } from '../open-state.ts'
import type { Outcome } from '../outcome.ts'
import { checkLines } from '../render/gate-lines.ts'

type StepOptions = ChangeOptions & WaitOptions
type AdvanceOptions = StepOptions & { readonly generation?: number }

/** The steps forward and back: every one of them is a new generation. */
export function addStepCommands(group: Command, attach: Attach): void {
  const advance = group
    .command('advance')
    .description('take the next stage; only a green verdict lets you')
    .addOption(
      new Option('--generation <number>', 'only if this is still the newest generation').argParser(
        wholeNumber(1, 999_999_999),
      ),
    )
  withPaths(withWait(withChange(advance)), ['state'])
  withExamples(advance, [
    'rollout advance --actor alice --reason "green since Monday" --wait 10',
    'rollout advance --generation 7 --actor alice --reason "as checked an hour ago"',
  ])
  attach<AdvanceOptions>(advance, advanceStage)

  const rollback = group
    .command('rollback')
    .description('block less, at once: everything (until re-armed), or one model (until restored)')
    .option('--model <name>', 'take only this model out; every other stays enforced')
    .addOption(
      new Option('--to <mode>', 'log_only blocks nothing; selective still blocks CRITICAL models')
        .choices(['log_only', 'selective'])
        .conflicts('model'),
    )
  withPaths(withWait(withChange(rollback)), ['state'])
  withExamples(rollback, [
    'rollout rollback --actor alice --reason "login fails" --wait 10',
    'rollout rollback --model User --actor alice --reason "false positives at login"',
    'rollout rollback --to selective --actor alice --reason "reports fail"',
  ])
  attach<StepOptions & { readonly model?: string; readonly to?: 'log_only' | 'selective' }>(
    rollback,
    (call) => {
      const { model, to } = call.options
      return makeChange(call, (operator, by) =>
        model === undefined ? operator.rollback({ ...by, to }) : operator.removeModel(model, by),
      )
    },
  )

  const restore = group
    .command('restore')
    .description('enforce a model again that was taken out')
    .requiredOption('--model <name>', 'the model')
  withPaths(withWait(withChange(restore)), ['state'])
  withExamples(restore, [
    'rollout restore --model User --actor alice --reason "mended in release 41"',
  ])
  attach<StepOptions & { readonly model: string }>(restore, (call) =>
    makeChange(call, (operator, by) => operator.restoreModel(call.options.model, by)),
  )

  const rearm = group
    .command('rearm')
    .description('end a rollback: the mode of the stage holds again, and its window starts anew')
  withPaths(withWait(withChange(rearm)), ['state'])
  withExamples(rearm, ['rollout rearm --actor alice --reason "release 41 is out, leaks triaged"'])
  attach<StepOptions>(rearm, (call) => makeChange(call, (operator, by) => operator.rearm(by)))
}

/** A refusal shows the gates that hold it back, so that nobody has to ask twice. */
async function advanceStage(call: Call<AdvanceOptions>): Promise<Outcome> {
  const by = readChange(call.options)
  const operator = await openState(call)
  try {
    const record = await operator.advance({ ...by, expected: call.options.generation })
    return await changeOutcome(call, operator, record)
  } catch (error) {
    if (!isPartywallError(error, 'rollout.not_green')) throw error
    const check = await operator.check()
    const missed = check.gates.filter((gate) => gate.verdict !== 'green')
    return {
      exitCode: exitCodes.refused,
      result: { advanced: false, code: error.code, check },
      text: (paint) => [
        paint('not advanced: only a green verdict does. What is missing:', 'bad'),
        ...checkLines({ ...check, gates: missed }, paint),
      ],
    }
  }
}
