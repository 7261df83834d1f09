import { type Severity, severities, shapeOf } from '@partywall/context/spi'
import type { Command } from 'commander'
import { misconfigured, misused, type Problem } from './cli-error.ts'
import type { Configuration } from './configuration.ts'
import { instanceNames } from './configuration-file.ts'

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

/** The models alone, for a command that is about no fleet. */
export function withModels(command: Command): Command {
  return command.option(
    '--model <name=severity...>',
    'the declared models (or "models" in the configuration)',
  )
}

export function withDeclarations(command: Command): Command {
  return withModels(command).option(
    '--instance <name...>',
    'the expected instances (or "expectedInstances")',
  )
}

/**
 * The command line before the configuration, each as a whole.
 * @throws {@link CliError} `cli.usage`, `cli.configuration` with everything that is wrong.
 */
export function readDeclarations(
  { model, instance }: DeclarationOptions,
  configuration: Configuration,
): Declarations {
  const models = model === undefined ? configuration.models : readModels(model)
  if (models !== undefined) refuseUncritical(models, model !== undefined)
  const instances = instance === undefined ? configuration.expectedInstances : named(instance)
  return {
    ...(models === undefined ? {} : { models }),
    ...(instances === undefined ? {} : { instances }),
  }
}

function named(given: readonly string[]): readonly string[] {
  const problems = given.flatMap((name, index): readonly Problem[] => {
    const isNew = given.indexOf(name) === index
    if (isNew && instanceNames.pattern.test(name)) return []
    const shape = isNew ? shapeOf(name) : 'the same as one before'
    return [{ name: `--instance, entry ${index + 1}`, shape, expected: instanceNames.expected }]
  })
  if (problems.length > 0) throw misused('the instances are not valid', { problems })
  return given
}

/** Enforcement begins with the CRITICAL models. */
function refuseUncritical(models: Readonly<Record<string, Severity>>, isGiven: boolean): void {
  if (Object.values(models).includes('CRITICAL')) return
  const count = Object.keys(models).length
  const shape = `${count} model${count === 1 ? '' : 's'}, none of them CRITICAL`
  const expected = 'at least one CRITICAL model: enforcement begins with those'
  const name = isGiven ? '--model' : '"models" of the configuration'
  const refuse = isGiven ? misused : misconfigured
  throw refuse('the models are not valid', { problems: [{ name, shape, expected }] })
}

/**
 * Reads models of the command line.
 * @throws {@link CliError} `cli.usage` with everything that is wrong.
 */
export function readModels(given: readonly string[]): Readonly<Record<string, Severity>> {
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
