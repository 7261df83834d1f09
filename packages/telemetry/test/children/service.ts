// A service in a process of its own, whose log folder takes nothing. Its first line tells the port
// and what became of a write to the folder; each further one is what its logger was told.
import { appendFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { runWithTenant } from '@partywall/context'
import { startOperation } from '@partywall/context/spi'
import { createRecorder, readViolations } from '@partywall/telemetry'
import { tell } from '../fixture/wall.ts'

const [folder = '', fault = ''] = process.argv.slice(2)
const filler = join(folder, 'filler')
const startedAt = 1_000
const firstFile = `violations.${startedAt.toString(36).padStart(9, '0')}-${process.pid.toString(36)}.a.000001.ndjson`

function codeOf(work: () => void): string {
  try {
    work()
    return 'none'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  }
}

/** Takes the room away, and tells by which code a write fails from then on. */
function spoil(): string {
  if (fault === 'device') {
    symlinkSync('/dev/full', join(folder, firstFile))
    return codeOf(() => appendFileSync(join(folder, firstFile), 'x'))
  }
  if (fault === 'read_only') return codeOf(() => writeFileSync(filler, 'x'))
  mkdirSync(folder, { recursive: true })
  for (const size of [65_536, 4_096, 1]) {
    while (codeOf(() => appendFileSync(filler, Buffer.alloc(size))) === 'none');
  }
  return codeOf(() => appendFileSync(filler, 'x'))
}

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)
const code = spoil()
let now = startedAt
const recorder = createRecorder({
  models: { User: 'CRITICAL' },
  instance: 'a',
  violationLog: { folder },
  wallClock: () => now,
  logger: {
    warn: () => undefined,
    error: (record, message) => say({ message, record }),
  },
})

/** Routes by path: a request of a tenant, what was kept; else the figures, after a minute or when room was made. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, path = '', tenantId = ''] = (request.url ?? '').split('/')
  if (path === 'minute') now += 60_000
  if (path === 'room') rmSync(fault === 'device' ? join(folder, firstFile) : filler)
  if (path === 'users') {
    const operation = startOperation({ kind: 'request', method: 'GET', endpoint: '/users' })
    operation.run(() => runWithTenant({ tenantId, env: 'prod' }, () => tell('log')))
    operation.end({ failed: false, status: 200 })
    response.end(tenantId)
    return
  }
  await recorder.flush()
  if (path === 'kept') {
    const { violations } = await readViolations(folder)
    response.end(JSON.stringify(violations.map(({ record }) => record.tenantId)))
    return
  }
  const { operations, operationsFailed, lost, models } = recorder.totals()
  const violations = models['User']?.violations
  response.end(JSON.stringify({ operations, operationsFailed, lost, violations }))
}

const server = createServer((request, response) => void answer(request, response))
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  say({ port: typeof address === 'object' ? address?.port : undefined, code })
})
process.on('SIGTERM', () => process.exit(0))
