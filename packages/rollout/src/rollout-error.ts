import { isPartywallError, PartywallError } from '@partywall/context'
import { errnoOf } from './errno.ts'

/** Why `@partywall/rollout` refused. */
export type RolloutErrorCode =
  /** Options or changes that make no sense, whoever asked. */
  | 'rollout.invalid_options'
  /** A start with bad variables; `problems` lists every one of them. */
  | 'rollout.invalid_flags'
  /** A blocking stage is on record and the master switch is unset. */
  | 'rollout.ratchet'
  /** Walls that are always on: this would loosen them. */
  | 'rollout.always'
  /** No folder, or a folder that `initRollout` did not make. */
  | 'rollout.no_state'
  | 'rollout.exists'
  /** A record is missing, damaged or was changed by hand. */
  | 'rollout.chain_broken'
  /** Somebody else was faster: read the newest record and decide again. */
  | 'rollout.superseded'
  | 'rollout.unwritable'
  /** A change without actor and reason, or of something that is not there. */
  | 'rollout.invalid_change'
  /** Only a green verdict advances. */
  | 'rollout.not_green'
  | 'rollout.last_stage'

/** One bad variable: its name, what its value looks like, and what was expected. Never the value. */
export interface FlagProblem {
  readonly name: string
  readonly shape: string
  readonly expected: string
}

/** Raised instead of starting, or of changing anything. Match on `code`. */
export class RolloutError extends PartywallError<RolloutErrorCode> {
  override readonly name = 'RolloutError'
  /** Every bad variable, where the code is `rollout.invalid_flags` or `rollout.always`. */
  readonly problems: readonly FlagProblem[]

  constructor(
    code: RolloutErrorCode,
    message: string,
    options: ErrorOptions & { readonly problems?: readonly FlagProblem[] } = {},
  ) {
    super(code, message, options)
    this.problems = options.problems ?? []
  }
}

/** Whether `error` is a refusal of ours with that code. */
export function isRolloutError(error: unknown, code: RolloutErrorCode): boolean {
  return isPartywallError(error, code)
}

/** One line per problem, for people. */
export function describeProblems(problems: readonly FlagProblem[]): string {
  return problems.map((it) => `${it.name} is ${it.shape}; expected ${it.expected}`).join('\n')
}

/** The refusal of whatever could not be written. */
export function unwritable(what: string, error: unknown): RolloutError {
  return new RolloutError('rollout.unwritable', `${what} (${errnoOf(error)})`, { cause: error })
}

/** The refusal of a state folder that is not there or closed to this process. */
export function unreadable(error: unknown): RolloutError {
  return new RolloutError(
    'rollout.no_state',
    `the state folder cannot be read (${errnoOf(error)}); make one with \`partywall rollout init\` (initRollout() in code)`,
    { cause: error },
  )
}
