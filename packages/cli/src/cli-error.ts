import { PartywallError } from '@partywall/context'

/** Why `@partywall/cli` itself refused. */
export type CliErrorCode = 'cli.usage' | 'cli.configuration'

/** One thing that is wrong: where, what it looks like, and what was expected. Never the value. */
export interface Problem {
  readonly name: string
  readonly shape: string
  readonly expected: string
}

type Details = ErrorOptions & { readonly problems?: readonly Problem[] }

/** Raised before anything was read or changed. */
export class CliError extends PartywallError<CliErrorCode> {
  override readonly name = 'CliError'
  readonly problems: readonly Problem[]

  constructor(code: CliErrorCode, message: string, options: Details = {}) {
    super(code, message, options)
    this.problems = options.problems ?? []
  }
}

/** The command line makes no sense. */
export function misused(message: string, details?: Details): CliError {
  return new CliError('cli.usage', message, details)
}

/** The configuration, or something that it names, is wrong. */
export function misconfigured(message: string, details?: Details): CliError {
  return new CliError('cli.configuration', message, details)
}

/** One line per problem. */
export function problemLines(problems: readonly Problem[]): readonly string[] {
  return problems.map((it) => `${it.name} is ${it.shape}; expected ${it.expected}`)
}
