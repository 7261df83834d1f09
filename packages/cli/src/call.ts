import type { Command } from 'commander'
import { misconfigured, type Problem } from './cli-error.ts'
import { type Configuration, type GivenPaths, readConfiguration } from './configuration.ts'
import { type ExitCode, exitCodes } from './exit-code.ts'
import { painter } from './layout.ts'
import type { Outcome } from './outcome.ts'
import { isColored, jsonText, type Output } from './output.ts'

/** Where and how the command was called; passed in, so that a command reads nothing by itself. */
export interface CliOptions {
  /** The variables of the process: `process.env`. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Gets the result, and with `--json` nothing else. */
  readonly stdout: Output
  /** Gets refusals and progress. */
  readonly stderr: Output
  /** What relative paths on the command line begin at. */
  readonly cwd: string
  /** What a command reads that was given no text: `process.stdin`. @defaultValue nothing */
  readonly stdin?: Input | undefined
  /** Epoch milliseconds by which records, stages and report dates go. @defaultValue `Date.now` */
  readonly clock?: (() => number) | undefined
}

/** Where text comes from. */
export type Input = AsyncIterable<Uint8Array | string> & { readonly isTTY?: boolean | undefined }

/** What a command is given. */
export interface Call<Options> {
  readonly options: Options
  readonly arguments: readonly string[]
  readonly configuration: Configuration
  /** What is wrong with the configuration: none, but for a command that is there to tell. */
  readonly problems: readonly Problem[]
  readonly environment: CliOptions['environment']
  readonly cwd: string
  readonly stdin: Input | undefined
  readonly clock: () => number
  /** Whether a person looks at the result, in colour. */
  readonly color: boolean
  /** Tells people what is going on, beside the result. */
  notify(text: string): void
}

export type Handler<Options> = (call: Call<Options>) => Promise<Outcome>

/** Puts a handler behind a command: reads its configuration, prints its outcome. */
export type Attach = <Options extends object>(
  command: Command,
  handler: Handler<Options>,
  extra?: {
    /** The command is there to tell what is wrong with the configuration, too. */
    readonly tellsProblems?: boolean
  },
) => void

/** Calls handlers, and keeps how the last one ended. */
export interface Caller {
  readonly attach: Attach
  exitCode(): ExitCode
}

export function createCaller(options: CliOptions): Caller {
  const { environment, cwd, stdout, stderr, clock = Date.now } = options
  const color = isColored(stdout, environment)
  let ended: ExitCode = exitCodes.ok
  return {
    exitCode: () => ended,
    attach(command, handler, { tellsProblems = false } = {}) {
      command.action(async () => {
        const given = command.opts<GivenPaths & { json?: boolean; format?: string }>()
        const { configuration, problems } = await readConfiguration(given, { environment, cwd })
        if (problems.length > 0 && !tellsProblems) {
          throw misconfigured('the configuration is not valid', { problems })
        }
        const outcome = await handler({
          options: command.opts(),
          arguments: command.args,
          configuration,
          problems,
          environment,
          cwd,
          get stdin() {
            return options.stdin
          },
          clock,
          color,
          notify(text) {
            stderr.write(`${text}\n`)
          },
        })
        ended = outcome.exitCode
        const json = given.json === true || given.format === 'json'
        const head = { command: pathOf(command), exitCode: outcome.exitCode }
        stdout.write(
          json
            ? jsonText({ ...head, result: outcome.result })
            : outcome
                .text(painter(color))
                .map((line) => `${line}\n`)
                .join(''),
        )
      })
    },
  }
}

/** `rollout advance` of `partywall rollout advance`. */
function pathOf(command: Command): string {
  const names: string[] = []
  for (let at: Command | null = command; at?.parent; at = at.parent) names.unshift(at.name())
  return names.join(' ')
}
