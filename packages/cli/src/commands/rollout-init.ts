import { initRollout } from '@partywall/rollout'
import type { Command } from 'commander'
import type { Attach, Call } from '../call.ts'
import { misconfigured, type Problem } from '../cli-error.ts'
import {
  type ChangeOptions,
  readChange,
  withChange,
  withExamples,
  withPaths,
} from '../command-options.ts'
import { needPath } from '../configuration.ts'
import {
  type DeclarationOptions,
  readDeclarations,
  withDeclarations,
} from '../declaration-options.ts'
import type { WaitOptions } from '../fleet-wait.ts'
import { changeOutcome } from '../make-change.ts'
import { openState } from '../open-state.ts'
import type { Outcome } from '../outcome.ts'

type InitOptions = ChangeOptions & DeclarationOptions & WaitOptions

/** `partywall rollout init`: the first record of a new rollout. */
export function addInitCommand(group: Command, attach: Attach): void {
  const command = group
    .command('init')
    .description('begin a rollout: make the state folder, at stage 0, with nothing enforced')
  withPaths(withChange(withDeclarations(command)), ['state'])
  withExamples(command, [
    'rollout init --config partywall.json --actor alice --reason "ticket 4711"',
    'rollout init --state /var/lib/partywall/state --model User=CRITICAL Role=HIGH \\\n      --instance api-1 api-2 --actor alice --reason "ticket 4711"',
  ])
  attach<InitOptions>(command, init)
}

async function init(call: Call<InitOptions>): Promise<Outcome> {
  const { options, configuration, clock } = call
  const by = readChange(options)
  const folder = needPath(configuration, 'state')
  const { models, instances } = readDeclarations(options, configuration)
  const problems: Problem[] = []
  if (models === undefined) {
    const expected = '--model User=CRITICAL …, or "models" in the file of --config'
    problems.push({ name: 'the list of models', shape: 'missing', expected })
  }
  if (instances === undefined) {
    const expected = '--instance api-1 …, or "expectedInstances" in the file of --config'
    problems.push({ name: 'the list of expected instances', shape: 'missing', expected })
  }
  if (models === undefined || instances === undefined) {
    throw misconfigured('a rollout is of models and instances', { problems })
  }
  const record = await initRollout(folder, { models, instances, ...by, clock })
  return changeOutcome(call, await openState(call), record)
}
