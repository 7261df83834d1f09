import { isPartywallError } from '@partywall/context'
import type { CliOptions } from './call.ts'
import { type Problem, problemLines } from './cli-error.ts'
import { type ExitCode, exitCodeOf, exitCodes } from './exit-code.ts'
import { pageWidth, painter, wrap } from './layout.ts'
import { isColored, jsonText } from './output.ts'
import { withoutSecrets } from './without-secrets.ts'

/** Prints why nothing was done. With `json`, the refusal is the one document on `stdout`. */
export function reportRefusal(
  error: unknown,
  command: string,
  json: boolean,
  { stdout, stderr, environment }: CliOptions,
): ExitCode {
  const exitCode = exitCodeOf(error)
  const { code, problems, ...described } = describe(error, exitCode)
  const message = withoutSecrets(described.message)
  if (json) {
    stdout.write(jsonText({ command, exitCode, error: { code, message, problems } }))
    return exitCode
  }
  const paint = painter(isColored(stderr, environment))
  const [first = '', ...rest] = `partywall ${command}`
    .trim()
    .concat(`: ${message}`)
    .split('\n')
    .flatMap((line) => wrap(line, pageWidth))
  const details = problemLines(problems).flatMap((line) =>
    wrap(line, pageWidth - 4).map((part, index) => (index === 0 ? `  - ${part}` : `    ${part}`)),
  )
  stderr.write(`${[paint(first, 'bad'), ...rest, ...details].join('\n')}\n`)
  return exitCode
}

interface Description {
  readonly code: string
  readonly message: string
  readonly problems: readonly Problem[]
}

function describe(error: unknown, exitCode: ExitCode): Description {
  if (isPartywallError(error)) {
    return { code: error.code, message: error.message, problems: problemsOf(error) }
  }
  const message = error instanceof Error ? error.message : String(error)
  if (exitCode !== exitCodes.failed) return { code: 'cli.configuration', message, problems: [] }
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  return {
    code: 'cli.failed',
    message: `this is a fault of the command; please report it with these lines\n${stack || message}`,
    problems: [],
  }
}

/** Errors of several packages list what is wrong in the same shape. */
function problemsOf(error: object): readonly Problem[] {
  const problems = 'problems' in error ? error.problems : []
  return Array.isArray(problems) ? problems.filter(isProblem) : []
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'shape' in value && 'expected' in value
}
