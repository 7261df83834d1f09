import type { LeakKind } from '../leaks/leak.ts'

/** The versions of the service, each a process with its own code: `release-<name>.ts`. */
export type ReleaseName = '1' | '2' | '2b' | '3' | '4'

/** The CRITICAL leak that release 2b brings back. */
export const returningLeak: LeakKind = 'count-without-tenant'

/**
 * The enforcement flags in the environment of a release. They are those of its first deployment and
 * are adopted once: since then the records of the rollout say how strict the walls are. Release 4
 * has `always` in its code: it reads none, and would refuse to start with one that opens.
 */
export function environmentOf(release: ReleaseName): Readonly<Record<string, string>> {
  return release === '4' ? {} : { TENANT_ENFORCEMENT_ENABLED: 'false' }
}
