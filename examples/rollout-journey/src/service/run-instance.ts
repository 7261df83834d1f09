import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import pg from 'pg'
import { virtualClock } from '../clock.ts'
import type { FromInstance, InstanceSettings, ToInstance } from '../fleet/messages.ts'
import { type Job, leakKinds } from '../leaks/leak.ts'
import type { Release } from '../releases/release.ts'
import { createApp } from './app.ts'
import { readTokenKeys } from './caller.ts'
import { jobsOf } from './routes.ts'
import { raiseWalls } from './walls.ts'

const poolSize = 6
const idleSweepMs = 20

/** One process of the service: answers requests and orders until it is told to drain. */
export async function runInstance(
  release: Release,
  settings: InstanceSettings,
  owner: NodeJS.Process,
): Promise<void> {
  const tell = (message: FromInstance): void => {
    owner.send?.(message)
  }
  // The owner is gone: so are we, and nothing is left behind.
  owner.on('disconnect', () => owner.exit(0))
  // Ctrl-C goes to the whole group of the terminal; the owner ends us in order.
  owner.on('SIGINT', () => undefined)

  const clock = virtualClock(settings.now)
  const mended = leakKinds.filter((kind) => settings.mended.includes(kind))
  const pool = new pg.Pool({ connectionString: settings.databaseUrl, max: poolSize })
  // A connection that breaks is replaced on next use; while it is lent and idle, between two statements
  // of a transaction, it says so by itself, and the next statement fails.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  const keys = readTokenKeys(settings.tokenKeys)
  const walls = await raiseWalls({
    settings,
    release,
    pool,
    clock,
    environment: owner.env,
    tokenKey: keys.publicKey,
  })
  const jobs = jobsOf(release, mended)
  const app = createApp({
    instance: settings.instance,
    release,
    mended,
    database: walls.database,
    boundary: walls.boundary,
    tokenKey: keys.privateKey,
    now: clock.now,
    metrics: walls.metrics,
  })
  const server = createServer({ keepAliveTimeout: 60_000 }, app)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const running = new Set<Promise<void>>()
  const runJob = async (job: Job, order: Extract<ToInstance, { type: 'job' }>): Promise<void> => {
    const outcome = await walls.runJob(order.name, order.tenantId, () => job(walls.database, order))
    tell({ type: 'job', id: order.id, outcome })
  }
  const onMessage = async (message: ToInstance): Promise<void> => {
    switch (message.type) {
      case 'clock':
        // What was counted so far belongs to the hour that ends.
        walls.settle()
        clock.set(message.now)
        tell(message)
        return
      case 'job': {
        const job = jobs.get(message.name)
        if (job === undefined) {
          tell({ type: 'job', id: message.id, outcome: { ok: false, code: 'job.unknown' } })
          return
        }
        const run = runJob(job, message)
        running.add(run)
        await run
        running.delete(run)
        return
      }
      case 'flush':
        await walls.flush()
        tell({ type: 'flushed' })
        return
      case 'drain':
        await Promise.all([closeWhenAnswered(server), ...running])
        await walls.close()
        await pool.end()
        owner.disconnect?.()
    }
  }
  owner.on('message', (message: ToInstance) => {
    onMessage(message).catch((error: unknown) => {
      owner.stderr.write(`${settings.instance}: ${error instanceof Error ? error.stack : ''}\n`)
      owner.exit(1)
    })
  })
  const address = server.address()
  tell({ type: 'ready', port: typeof address === 'object' && address !== null ? address.port : 0 })
}

/** Connections that are kept alive are closed as soon as nobody waits for an answer on them. */
async function closeWhenAnswered(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  const sweeping = setInterval(() => server.closeIdleConnections(), idleSweepMs)
  try {
    server.closeIdleConnections()
    await closed
  } finally {
    clearInterval(sweeping)
  }
}
