import { shapeOf } from '@partywall/context/spi'
import type { Change } from '@partywall/rollout'
import { type Command, InvalidArgumentError } from 'commander'
import { misused, type Problem } from './cli-error.ts'
import { configurationVariable, type Place, placeNames } from './configuration.ts'

/** The options that every command takes, and the paths that this one uses. */
export function withPaths(command: Command, used: readonly Place[]): Command {
  for (const place of used) {
    const { option, variable, what, kind } = placeNames[place]
    command.option(`${option} <${kind}>`, `the ${what} (or ${variable})`)
  }
  return command
    .option('--config <file>', `partywall.json (or ${configurationVariable})`)
    .option('--json', 'print one JSON document')
}

export interface ChangeOptions {
  readonly actor?: string
  readonly reason?: string
}

/** Who and why: what every change asks for. */
export function withChange(command: Command): Command {
  return command
    .option('--actor <name>', 'who changes this (required, on record)')
    .option('--reason <text>', 'why (required, on record)')
}

/**
 * Reads who and why.
 * @throws {@link CliError} `cli.usage` with everything that is wrong with either.
 */
export function readChange({ actor, reason }: ChangeOptions): Change {
  const problems = [
    ...textProblems('--actor', actor, 'the name of a person or a job'),
    ...textProblems('--reason', reason, 'a reason in plain words'),
  ]
  if (actor !== undefined && keptActors.test(actor)) {
    const expected = 'the name of a person or a job'
    problems.push({ name: '--actor', shape: 'a name that is kept for the product', expected })
  }
  if (actor === undefined || reason === undefined || problems.length > 0) {
    throw misused('every change asks who makes it and why, and keeps the answer', { problems })
  }
  return { actor, reason }
}

/** The record has room for so many characters of each. */
const mostCharacters = 1000
const keptActors = /^(?:partywall:|environment$|file$)/

function textProblems(name: string, text: string | undefined, what: string): readonly Problem[] {
  if (text === undefined) return [{ name, shape: 'missing', expected: what }]
  if (text.trim() === '') return [{ name, shape: 'blank', expected: what }]
  if (text.length <= mostCharacters) return []
  return [{ name, shape: shapeOf(text), expected: `${what}, at most ${mostCharacters} characters` }]
}

/**
 * Makes this command and all below it refuse an option of one value that is given twice: the last
 * one would win without a word, in what goes on record.
 */
export function refuseRepeats(command: Command): void {
  for (const option of command.options) {
    if (option.variadic || option.isBoolean()) continue
    let given = false
    command.on(`option:${option.name()}`, () => {
      if (given) throw misused(`${option.long ?? option.flags} is given twice: give it once`)
      given = true
    })
  }
  for (const below of command.commands) refuseRepeats(below)
}

/** Examples at the end of a command's help. */
export function withExamples(command: Command, examples: readonly string[]): Command {
  return command.addHelpText(
    'after',
    `\nExamples:\n${examples.map((line) => `  $ partywall ${line}`).join('\n')}`,
  )
}

/** Parses a whole number of an option, from `least` up. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    throw new InvalidArgumentError(`expected a whole number, ${least} to ${most}.`)
  }
}
