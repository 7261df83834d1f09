import { type Severity, severities, shapeOf } from '@partywall/context/spi'
import type { Command } from 'commander'
import { misused, type Problem } from './cli-error.ts'
import type { Configuration } from './configuration.ts'

/** What a rollout is of: on the command line, or in the configuration. */
export interface DeclarationOptions {
  readonly model?: readonly string[]
  readonly instance?: readonly string[]
}

/** What a rollout is of. */
export interface Declarations {
  readonly models?: Readonly<Record<string, Severity>>
  readonly instances?: readonly string[]
}

export function withDeclarations(command: Command): Command {
  return command
    .option('--model <name=severity...>', 'the declared models (or "models" in the configuration)')
    .option('--instance <name...>', 'the expected instances (or "expectedInstances")')
}

/** The command line before the configuration, each as a whole. */
export function readDeclarations(
  { model, instance }: DeclarationOptions,
  configuration: Configuration,
): Declarations {
  const models = model === undefined ? configuration.models : readModels(model)
  const instances = instance ?? configuration.expectedInstances
  return {
    ...(models === undefined ? {} : { models }),
    ...(instances === undefined ? {} : { instances }),
  }
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
