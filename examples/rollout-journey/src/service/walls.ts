import type { KeyObject } from 'node:crypto'
import { isPartywallError, PartywallError, parseTenantId, runJob } from '@partywall/context'
import type { Enforcement } from '@partywall/context/spi'
import { createRollout } from '@partywall/rollout'
import { createRecorder } from '@partywall/telemetry'
import { registerMetrics } from '@partywall/telemetry/prometheus'
import type pg from 'pg'
import { Registry as Metrics } from 'prom-client'
import type { VirtualClock } from '../clock.ts'
import { declaredModels } from '../data/models.ts'
import { tenantKey } from '../data/tenants.ts'
import type { FromInstance, InstanceSettings } from '../fleet/messages.ts'
import { endpointOf, plantedLeaks } from '../leaks/planted.ts'
import type { Release } from '../releases/release.ts'
import type { Boundary } from './app.ts'
import { walledBoundary } from './boundary.ts'
import type { Database } from './database.ts'
import { guardedDatabase } from './guarded-database.ts'
import { memberRegistry } from './members.ts'
import { jobsOf, routesOf } from './routes.ts'
import { retentionReport } from './system-jobs.ts'
import { plainBoundary, plainDatabase } from './unguarded.ts'

export type JobOutcome = Extract<FromInstance, { type: 'job' }>['outcome']

/** Everything that stands around the service in this process. */
export interface Walls {
  readonly database: Database
  readonly boundary: Boundary
  /** What Prometheus reads; empty where there is no wall. */
  metrics(): Promise<string>
  /** Runs a job as an operation; what it throws becomes a code. */
  runJob(name: string, tenantId: string, work: () => Promise<unknown>): Promise<JobOutcome>
  /** Called before each move of the clock. */
  settle(): void
  /** Everything that was seen so far is in the files. */
  flush(): Promise<void>
  close(): Promise<void>
}

export interface WallsOptions {
  readonly settings: InstanceSettings
  readonly release: Release
  readonly pool: pg.Pool
  readonly clock: VirtualClock
  /** What tokens are verified with. */
  readonly tokenKey: KeyObject
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Puts up the walls that the settings ask for. */
export async function raiseWalls(options: WallsOptions): Promise<Walls> {
  const { settings, pool, release, clock, environment, tokenKey } = options
  if (settings.walls === 'none') return noWalls(pool, tokenKey)

  const recorder = createRecorder({
    models: declaredModels,
    endpoints: [
      ...routesOf(release, []).map(({ path }) => path),
      ...jobsOf(release, []).keys(),
      ...plantedLeaks.map(endpointOf),
      '/api/auth/login',
    ],
    reasons: [retentionReport.reason],
    instance: settings.instance,
    release: release.name,
    violationLog: { folder: settings.violationLog },
    aggregates: { folder: settings.aggregates },
    tenantKey,
    clock: clock.now,
  })
  const onRed = environment['JOURNEY_ON_RED'] === 'rollback' ? 'rollback' : 'hold'
  const rollout = createRollout({
    models: declaredModels,
    environment,
    flagFile: settings.flagFile === '' ? undefined : settings.flagFile,
    state:
      settings.stateFolder === ''
        ? undefined
        : {
            folder: settings.stateFolder,
            instance: settings.instance,
            release: release.name,
            observations: recorder,
            onRed,
          },
    always: release.always,
    systemJobs: release.always ? [{ ...retentionReport, models: [...retentionReport.models] }] : [],
    clock: clock.now,
  })
  const { enforcement } = rollout
  const registry = await memberRegistry(pool)
  const metrics = new Metrics()
  registerMetrics(recorder, metrics, {
    status() {
      const { enforcedModels, loggedModels, ...inForce } = rollout.snapshot()
      return {
        ...inForce,
        enforcedModels: enforcedModels.length,
        loggedModels: loggedModels.length,
      }
    },
  })
  return {
    database:
      settings.walls === 'all' ? await guardedDatabase(pool, enforcement) : plainDatabase(pool),
    boundary: walledBoundary({ tokenKey, registry, enforcement }),
    metrics: () => metrics.metrics(),
    runJob: (name, tenantId, work) =>
      outcomeOf(() => runJob(name, () => admitted(enforcement, tenantId, work))),
    // A rollback may come by itself in any hour; without one, the fleet is told when somebody asks.
    settle: onRed === 'rollback' ? rollout.tick : rollout.settle,
    async flush() {
      rollout.tick()
      await recorder.flush()
    },
    async close() {
      registry.close()
      rollout.close()
      await recorder.close()
    },
  }
}

/** Jobs ask the kill switch as requests do: at the door, before they touch anything. */
function admitted(
  enforcement: Enforcement,
  tenantId: string,
  work: () => Promise<unknown>,
): Promise<unknown> {
  if (enforcement.refusal(parseTenantId(tenantId)) !== undefined) {
    throw new PartywallError('tenancy.disabled', 'tenants are switched off')
  }
  return work()
}

async function outcomeOf(work: () => Promise<unknown>): Promise<JobOutcome> {
  try {
    return { ok: true, result: await work() }
  } catch (error) {
    return { ok: false, code: isPartywallError(error) ? error.code : 'job.failed' }
  }
}

function noWalls(pool: pg.Pool, tokenKey: KeyObject): Walls {
  return {
    database: plainDatabase(pool),
    boundary: plainBoundary(tokenKey),
    metrics: async () => '',
    runJob: (_name, _tenantId, work) => outcomeOf(work),
    settle: () => undefined,
    flush: async () => undefined,
    close: async () => undefined,
  }
}
