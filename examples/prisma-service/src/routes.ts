import type { RouteLeak } from '../../rollout-journey/src/leaks/leak.ts'
import { plantedLeaks } from '../../rollout-journey/src/leaks/planted.ts'
import { accountRoutes } from './account.ts'
import { administrationRoutes } from './administration.ts'
import type { Job, Planted, Route } from './handler.ts'
import { jobs } from './jobs.ts'
import { plantedHandlers, plantedJobs } from './planted.ts'

/** Which version of the planted places runs. */
export type Version = keyof Planted<unknown>

/** The endpoints of a version. */
export function routesOf(version: Version): readonly Route[] {
  return [
    // Fixed paths first: `/users/search` is not the person with the id `search`.
    ...plantedLeaks.filter(isAtRoute).map(({ kind, method, path }) => ({
      method,
      path,
      handler: plantedHandlers[kind][version],
    })),
    ...accountRoutes,
    ...administrationRoutes,
  ]
}

/** The background jobs of a version. */
export function jobsOf(version: Version): ReadonlyMap<string, Job> {
  return new Map([
    ...Object.entries(jobs),
    ...Object.entries(plantedJobs).map(([name, planted]): [string, Job] => [
      name,
      planted[version],
    ]),
  ])
}

type AtRoute = RouteLeak & { readonly kind: keyof typeof plantedHandlers }

function isAtRoute(leak: (typeof plantedLeaks)[number]): leak is AtRoute {
  return 'path' in leak
}
