import type { Job, LeakKind } from '../leaks/leak.ts'
import type { Release, ReleasedLeak } from '../releases/release.ts'
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

/** The endpoints of a release. `alsoMended` mends more than it does, to see who notices. */
export function routesOf({ leaks }: Release, alsoMended: readonly LeakKind[]): readonly Route[] {
  return [
    // Fixed paths first: `/users/search` is not the person with the id `search`.
    ...leaks.filter(isAtRoute).map(({ leak, live, mended }) => ({
      method: leak.method,
      path: leak.path,
      handler: alsoMended.includes(leak.kind) ? mended : handlerOf(live, mended),
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
  { leaks }: Release,
  alsoMended: readonly LeakKind[],
): ReadonlyMap<string, Job> {
  return new Map([
    ...Object.entries(jobs),
    ...Object.entries(systemJobs),
    ...leaks
      .filter(isInJob)
      .map(({ leak, live, mended }): [string, Job] => [
        leak.job,
        alsoMended.includes(leak.kind) ? mended : (live?.code ?? mended),
      ]),
  ])
}

type AtRoute = Extract<ReleasedLeak, { readonly leak: { readonly path: string } }>
type InJob = Extract<ReleasedLeak, { readonly leak: { readonly job: string } }>

function isAtRoute(released: ReleasedLeak): released is AtRoute {
  return 'path' in released.leak
}

function isInJob(released: ReleasedLeak): released is InJob {
  return 'job' in released.leak
}

function handlerOf(live: AtRoute['live'], mended: Handler): Handler {
  if (live === undefined) return mended
  if (live.for === 'everybody') return live.code
  return (database, call) =>
    call.client === 'legacy' ? live.code(database, call) : mended(database, call)
}
