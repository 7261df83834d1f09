import { CommanderError } from 'commander'
import { type CliOptions, createCaller } from './call.ts'
import { misused } from './cli-error.ts'
import { exitCodes } from './exit-code.ts'
import { createProgram } from './program.ts'
import { reportRefusal } from './refusal.ts'

/**
 * Runs one command line, `argv` without the program's own name, and resolves to its exit code.
 * Never rejects for anything that an operator can cause; what was refused is on `stderr`, or with
 * `--json` on `stdout`.
 */
export async function runCli(argv: readonly string[], options: CliOptions): Promise<number> {
  const caller = createCaller(options)
  const program = createProgram(caller.attach, options)
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return caller.exitCode()
  } catch (error) {
    // Help and version come as an error too; Commander has printed them.
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok
    if (error instanceof CommanderError && error.code === 'commander.help') return exitCodes.usage
    return reportRefusal(asUsage(error), commandOf(argv), wantsJson(argv), options)
  }
}

function asUsage(error: unknown): unknown {
  if (!(error instanceof CommanderError)) return error
  const message = error.message.replace(/^error: /, '')
  return misused(`${message}\n(use --help to see what it takes)`, {
    cause: error,
  })
}

/** The words before the first option: the command, as far as it was understood. */
function commandOf(argv: readonly string[]): string {
  const end = argv.findIndex((word) => !/^[a-z]+$/.test(word))
  return (end < 0 ? argv : argv.slice(0, end)).slice(0, 2).join(' ')
}

function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  const words = end < 0 ? argv : argv.slice(0, end)
  const format = words.indexOf('--format')
  return (
    words.includes('--json') ||
    words.includes('--format=json') ||
    (format >= 0 && words[format + 1] === 'json')
  )
}
