import type { Leak, LeakKind } from './leaks/leak.ts'

/** The versions of the service, each a process with its own code. */
export const releaseNames = ['1', '2', '2b', '3', '4'] as const
export type ReleaseName = (typeof releaseNames)[number]

/** For whom a leak is live: `legacy` clients still take the old path through the code. */
export type Exposure = 'everybody' | 'legacy' | 'nobody'

/** The CRITICAL leak that release 2b brings back. */
export const returningLeak: LeakKind = 'count-without-tenant'

/** What a release says about one leak. `alsoMended` mends more, to see who notices. */
export function exposureOf(
  release: ReleaseName,
  leak: Pick<Leak, 'kind' | 'severity'>,
  alsoMended: readonly LeakKind[] = [],
): Exposure {
  if (alsoMended.includes(leak.kind)) return 'nobody'
  switch (release) {
    case '1':
      return 'everybody'
    case '2':
      return leak.severity === 'CRITICAL' ? 'nobody' : 'legacy'
    case '2b':
      if (leak.kind === returningLeak) return 'everybody'
      return leak.severity === 'CRITICAL' ? 'nobody' : 'legacy'
    case '3':
    case '4':
      return 'nobody'
  }
}

/** Release 4 is release 3 with `always` in its code: no flag opens it any more. */
export function isHardened(release: ReleaseName): boolean {
  return release === '4'
}

/**
 * The enforcement flags in the environment of a release. They are those of its first deployment and
 * are adopted once: since then the records of the rollout say how strict the walls are. A hardened
 * release reads none, and would refuse to start with one that opens.
 */
export function environmentOf(release: ReleaseName): Readonly<Record<string, string>> {
  return isHardened(release) ? {} : { TENANT_ENFORCEMENT_ENABLED: 'false' }
}
