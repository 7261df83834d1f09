import type { Configuration as Changes } from '@partywall/rollout'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Attach, Call } from '../call.ts'
import { misused } from '../cli-error.ts'
import { type ChangeOptions, withChange, withExamples, withPaths } from '../command-options.ts'
import {
  type DeclarationOptions,
  readDeclarations,
  withDeclarations,
} from '../declaration-options.ts'
import { type WaitOptions, withWait } from '../fleet-wait.ts'
import { makeChange } from '../make-change.ts'
import type { Outcome } from '../outcome.ts'

type ConfigureOptions = ChangeOptions &
  WaitOptions &
  DeclarationOptions & {
    readonly allowBypass?: 'true' | 'false'
    readonly days?: readonly number[]
  }

/** `partywall rollout configure`: what a rollout is of, after it has begun. */
export function addConfigureCommand(group: Command, attach: Attach): void {
  const command = group
    .command('configure')
    .description('bring other models, instances or stage lengths on record, or allow bypasses')
  withDeclarations(command)
    .addOption(
      new Option('--days <days...>', 'the least length of each stage, from stage 0').argParser(
        (text: string, before?: readonly number[]) => [...(before ?? []), readDays(text)],
      ),
    )
    .addOption(
      new Option('--allow-bypass <answer>', 'whether system jobs may bypass the walls').choices([
        'true',
        'false',
      ]),
    )
  withPaths(withWait(withChange(command)), ['state'])
  withExamples(command, [
    'rollout configure --instance api-1 api-2 api-3 --actor alice --reason "scaled up"',
    'rollout configure --config partywall.json --actor alice --reason "new model Invoice"',
    'rollout configure --days 2 30 6 12 --actor alice --reason "monthly jobs"',
    'rollout configure --allow-bypass false --actor alice --reason "export job rewritten"',
  ])
  attach<ConfigureOptions>(command, configure)
}

async function configure(call: Call<ConfigureOptions>): Promise<Outcome> {
  const { model, instance, allowBypass, days } = call.options
  const named = [model, instance, allowBypass, days].some((given) => given !== undefined)
  // What is on the command line is meant alone; without it, the configuration is brought in.
  const declared = readDeclarations(
    call.options,
    named ? { flagNames: call.configuration.flagNames } : call.configuration,
  )
  const changes: Changes = {
    ...declared,
    ...(days === undefined ? {} : { dwellDays: days }),
    ...(allowBypass === undefined ? {} : { allowBypass: allowBypass === 'true' }),
  }
  if (Object.keys(changes).length === 0) {
    throw misused(
      'nothing to configure: give --model, --instance, --days, --allow-bypass or a configuration',
    )
  }
  return makeChange(call, (operator, by) => operator.configure(changes, by))
}

function readDays(text: string): number {
  if (/^\d{1,3}(?:\.\d{1,2})?$/.test(text)) return Number(text)
  throw new InvalidArgumentError('expected a number of days below 1000, such as 8.')
}
