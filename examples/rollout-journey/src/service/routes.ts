import type { Job, LeakingRoute, LeakKind } from '../leaks/leak.ts'
import { leakingJobs, leakingRoutes } from '../leaks/planted.ts'
import { exposureOf, type ReleaseName } from '../releases.ts'
import { administrationRoutes } from './administration.ts'
import { auditRoutes } from './audit.ts'
import { backupCodeRoutes } from './backup-codes.ts'
import type { Handler, Route } from './handler.ts'
import { jobs } from './jobs.ts'
import { profileRoutes } from './profile.ts'
import { reportRoutes } from './reports.ts'
import { selfTestRoutes } from './self-test.ts'
import { sessionRoutes } from './sessions.ts'
import { systemJobs } from './system-jobs.ts'

/** The endpoints of a release: the leaking or the mended version of each, as it was built. */
export function routesOf(release: ReleaseName, mended: readonly LeakKind[]): readonly Route[] {
  return [
    // Fixed paths first: `/users/search` is not the person with the id `search`.
    ...leakingRoutes.map((leak) => ({
      method: leak.method,
      path: leak.path,
      handler: versionOf(leak, exposureOf(release, leak, mended)),
    })),
    ...profileRoutes,
    ...sessionRoutes,
    ...backupCodeRoutes,
    ...auditRoutes,
    ...administrationRoutes,
    ...reportRoutes,
    ...selfTestRoutes,
  ]
}

/** The background jobs of a release. */
export function jobsOf(
  release: ReleaseName,
  mended: readonly LeakKind[],
): ReadonlyMap<string, Job> {
  return new Map([
    ...Object.entries(jobs),
    ...Object.entries(systemJobs),
    ...leakingJobs.map((leak): [string, Job] => [
      leak.job,
      exposureOf(release, leak, mended) === 'nobody' ? leak.mended : leak.leaking,
    ]),
  ])
}

function versionOf(leak: LeakingRoute, exposure: ReturnType<typeof exposureOf>): Handler {
  if (exposure === 'everybody') return leak.leaking
  if (exposure === 'nobody') return leak.mended
  return (database, call) =>
    call.client === 'legacy' ? leak.leaking(database, call) : leak.mended(database, call)
}
