import { once } from 'node:events'
import { createServer } from 'node:http'
import { isPartywallError, PartywallError, parseTenantId, runJob } from '@partywall/context'
import { createRollout, type Rollout } from '@partywall/rollout'
import { createRecorder, type RecordLogger } from '@partywall/telemetry'
import pg from 'pg'
import { declaredModels } from '../../rollout-journey/src/data/models.ts'
import { walledBoundary } from '../../rollout-journey/src/service/boundary.ts'
import type { TokenKeys } from '../../rollout-journey/src/service/caller.ts'
import { memberRegistry } from '../../rollout-journey/src/service/members.ts'
import { createApp } from './app.ts'
import { guardedClient } from './guarded-client.ts'
import { jobsOf, routesOf, type Version } from './routes.ts'

export interface ServiceOptions {
  readonly databaseUrl: string
  readonly version: Version
  /** Where the flags of the rollout come from. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Flags that are followed while the service runs. */
  readonly flagFile?: string | undefined
  readonly confine?: 'all' | 'none' | undefined
  /** Gets the records of violations. */
  readonly logger: RecordLogger
  readonly tokenKeys: TokenKeys
  readonly now: () => number
}

export type JobOutcome =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: string }

export interface Service {
  readonly port: number
  readonly rollout: Rollout
  /** Runs a job as an operation; what it throws becomes a code. */
  runJob(name: string, tenantId: string, argument: string): Promise<JobOutcome>
  close(): Promise<void>
}

/** Puts up the walls, and the service between them, on a free port. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { version, environment, flagFile, tokenKeys, confine = 'none', logger, now } = options
  const routes = routesOf(version)
  const jobs = jobsOf(version)
  const recorder = createRecorder({
    models: declaredModels,
    endpoints: [...routes.map(({ path }) => path), ...jobs.keys(), '/api/auth/login'],
    reasons: ['monthly_report'],
    logger,
  })
  const rollout = createRollout({ models: declaredModels, environment, flagFile })
  const { enforcement } = rollout
  const pool = new pg.Pool({ connectionString: options.databaseUrl })
  const registry = await memberRegistry(pool)
  const prisma = await guardedClient(pool, { enforcement, confine })
  const boundary = walledBoundary({ tokenKey: tokenKeys.publicKey, registry, enforcement })
  const app = createApp({ prisma, routes, boundary, tokenKey: tokenKeys.privateKey, now })
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    rollout,
    async runJob(name, tenantId, argument) {
      const job = jobs.get(name)
      if (job === undefined) return { ok: false, code: 'job.unknown' }
      try {
        return {
          ok: true,
          result: await runJob(name, async () => {
            // Jobs ask the kill switch as requests do: at the door.
            if (enforcement.refusal(parseTenantId(tenantId)) !== undefined) {
              throw new PartywallError('tenancy.disabled', 'tenants are switched off')
            }
            return job(prisma, { tenantId, argument })
          }),
        }
      } catch (error) {
        return { ok: false, code: isPartywallError(error) ? error.code : 'job.failed' }
      }
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
      await prisma.$disconnect()
      await pool.end()
      registry.close()
      rollout.close()
      await recorder.close()
    },
  }
}
