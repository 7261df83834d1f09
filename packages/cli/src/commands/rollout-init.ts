import { type Severity, severities, shapeOf } from '@partywall/context/spi'
import { initRollout } from '@partywall/rollout'
import type { Command } from 'commander'
import type { Attach, Call } from '../call.ts'
import { misconfigured, misused, type Problem } from '../cli-error.ts'
import {
  type ChangeOptions,
  readChange,
  withChange,
  withExamples,
  withPaths,
} from '../command-options.ts'
import { needPath } from '../configuration.ts'
import type { WaitOptions } from '../fleet-wait.ts'
import { changeOutcome } from '../make-change.ts'
import { openState } from '../open-state.ts'
import type { Outcome } from '../outcome.ts'

interface InitOptions extends ChangeOptions {
  readonly model?: readonly string[]
  readonly instance?: readonly string[]
}

/** `partywall rollout init`: the first record of a new rollout. */
export function addInitCommand(group: Command, attach: Attach): void {
  const command = group
    .command('init')
    .description('begin a rollout: make the state folder, at stage 0, with nothing enforced')
    .option('--model <name=severity...>', 'the declared models (or "models" in the configuration)')
    .option('--instance <name...>', 'the expected instances (or "expectedInstances")')
  withPaths(withChange(command), ['state'])
  withExamples(command, [
    'rollout init --config partywall.json --actor alice --reason "ticket 4711"',
    'rollout init --state /var/lib/partywall/state --model User=CRITICAL Role=HIGH \\\n      --instance api-1 api-2 --actor alice --reason "ticket 4711"',
  ])
  attach<InitOptions>(command, init)
}

async function init(call: Call<InitOptions & WaitOptions>): Promise<Outcome> {
  const { options, configuration, clock } = call
  const by = readChange(options)
  const folder = needPath(configuration, 'state')
  const models = options.model === undefined ? configuration.models : readModels(options.model)
  const instances = options.instance ?? configuration.expectedInstances
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

function readModels(given: readonly string[]): Readonly<Record<string, Severity>> {
  const models = new Map<string, Severity>()
  const problems: Problem[] = []
  for (const [index, text] of given.entries()) {
    const [, name, last] = /^([^=,]+)=([^=,]+)$/.exec(text) ?? []
    const severity = severities.find((known) => known === last)
    if (name === undefined || severity === undefined || models.has(name)) {
      const expected = `a new name, = and one of ${severities.join(', ')}`
      problems.push({ name: `--model, entry ${index + 1}`, shape: shapeOf(text), expected })
    } else {
      models.set(name, severity)
    }
  }
  if (problems.length > 0) throw misused('the models are not valid', { problems })
  return Object.fromEntries(models)
}
