import { isPartywallError } from '@partywall/context'

/**
 * How a command ended.
 *
 * - `ok` 0: done, and nothing is wrong.
 * - `refused` 1: nothing was changed, or a check found something: read what it says.
 * - `usage` 2: the command line, the configuration, or a file or folder that it names.
 * - `conflict` 3: somebody else changed the state first; look at it and decide again.
 * - `unconfirmed` 4: the change is on record, but not confirmed by every instance in time.
 * - `failed` 70: a fault of the command itself.
 */
export const exitCodes: {
  readonly ok: 0
  readonly refused: 1
  readonly usage: 2
  readonly conflict: 3
  readonly unconfirmed: 4
  readonly failed: 70
} = Object.freeze({
  ok: 0,
  refused: 1,
  usage: 2,
  conflict: 3,
  unconfirmed: 4,
  failed: 70,
})
/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

const usageCodes: readonly string[] = [
  'cli.usage',
  'cli.configuration',
  'rollout.invalid_options',
  'rollout.invalid_flags',
  'rollout.no_state',
  'rollout.unwritable',
  'sql.options',
  'sql.schema',
  'sql.catalogue',
]
const conflictCodes: readonly string[] = ['rollout.superseded', 'rollout.exists']

/** The exit code that an error stands for. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!isPartywallError(error)) return isSystemError(error) ? exitCodes.usage : exitCodes.failed
  if (conflictCodes.includes(error.code)) return exitCodes.conflict
  return usageCodes.includes(error.code) ? exitCodes.usage : exitCodes.refused
}

/** A file, folder or right that is missing: nothing that the command could mend. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && 'code' in error
}
