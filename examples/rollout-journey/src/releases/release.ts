import type { Job, JobLeak, Leak, RouteLeak } from '../leaks/leak.ts'
import type { Handler } from '../service/handler.ts'
import type { ReleaseName } from './release-names.ts'

/** What a release is made of, beside what is the same in all of them. */
export interface Release {
  readonly name: ReleaseName
  /** Whether `always` is in its code. */
  readonly always: boolean
  /** One version of each place that was planted. */
  readonly leaks: readonly ReleasedLeak[]
}

export type ReleasedLeak = Released<RouteLeak, Handler> | Released<JobLeak, Job>

/** A place in the code where a leak was planted, in the version of one release. */
export interface Released<Planted extends Leak, Code> {
  readonly leak: Planted
  /** Who still runs into the leaking code, and that code; absent where it is gone. */
  readonly live?: { readonly for: 'everybody' | 'legacy'; readonly code: Code }
  readonly mended: Code
}

/** The leak is live for everybody. */
export function leaking(leak: RouteLeak, code: Handler, mendedCode: Handler): ReleasedLeak
export function leaking(leak: JobLeak, code: Job, mendedCode: Job): ReleasedLeak
export function leaking<Planted extends Leak, Code>(
  leak: Planted,
  code: Code,
  mendedCode: Code,
): Released<Planted, Code> {
  return { leak, live: { for: 'everybody', code }, mended: mendedCode }
}

/** Only old programs still take the leaking path. */
export function legacy(leak: RouteLeak, code: Handler, mendedCode: Handler): ReleasedLeak {
  return { leak, live: { for: 'legacy', code }, mended: mendedCode }
}

/** The leak is gone, and its code with it. */
export function mended(leak: RouteLeak, code: Handler): ReleasedLeak
export function mended(leak: JobLeak, code: Job): ReleasedLeak
export function mended<Planted extends Leak, Code>(
  leak: Planted,
  code: Code,
): Released<Planted, Code> {
  return { leak, mended: code }
}
