import type { Change } from '@partywall/rollout'
import { type Command, InvalidArgumentError } from 'commander'
import { misused } from './cli-error.ts'
import { configurationVariable, type Place, placeNames } from './configuration.ts'

/** The options that every command takes, and the paths that this one uses. */
export function withPaths(command: Command, used: readonly Place[]): Command {
  for (const place of used) {
    const { option, variable, what } = placeNames[place]
    const kind = place === 'flagFile' ? 'file' : 'folder'
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
 * @throws {@link CliError} `cli.usage` with both, when both are missing.
 */
export function readChange({ actor, reason }: ChangeOptions): Change {
  const given = { '--actor': actor, '--reason': reason }
  const blank = Object.entries(given).filter(([, text]) => text === undefined || text.trim() === '')
  if (actor === undefined || reason === undefined || blank.length > 0) {
    throw misused('every change asks who makes it and why, and keeps the answer', {
      problems: blank.map(([name, text]) => ({
        name,
        shape: text === undefined ? 'missing' : 'blank',
        expected: name === '--actor' ? 'the name of a person or a job' : 'a reason in plain words',
      })),
    })
  }
  return { actor, reason }
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
