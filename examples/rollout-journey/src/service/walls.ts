import type pg from 'pg'
import type { VirtualClock } from '../clock.ts'
import type { FromInstance, InstanceSettings } from '../fleet/messages.ts'
import type { ReleaseName } from '../releases.ts'
import type { Boundary } from './app.ts'
import type { Database } from './database.ts'
import { plainBoundary, plainDatabase } from './unguarded.ts'

/** Everything that stands around the service in this process. */
export interface Walls {
  readonly database: Database
  readonly boundary: Boundary
  /** Runs a job as an operation; what it throws becomes a code. */
  runJob(
    name: string,
    tenantId: string,
    work: () => Promise<unknown>,
  ): Promise<Extract<FromInstance, { type: 'job' }>['outcome']>
  /** Called after each move of the clock. */
  tick(): Promise<void>
  close(): Promise<void>
}

export interface WallsOptions {
  readonly settings: InstanceSettings
  readonly release: ReleaseName
  readonly pool: pg.Pool
  readonly clock: VirtualClock
}

/** Puts up the walls that the settings ask for. */
export async function raiseWalls({ settings, pool }: WallsOptions): Promise<Walls> {
  return {
    database: plainDatabase(pool),
    boundary: plainBoundary(Buffer.from(settings.tokenSecret, 'hex')),
    runJob: async (_name, _tenantId, work) => {
      try {
        return { ok: true, result: await work() }
      } catch {
        return { ok: false, code: 'job.failed' }
      }
    },
    tick: async () => undefined,
    close: async () => undefined,
  }
}
