import { runWithTenant } from '@partywall/context'
import { publish, startOperation } from '@partywall/context/spi'
import { createRecorder, type RecorderOptions } from '@partywall/telemetry'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { decision, memoryLogger, tell, violation } from './fixture/wall.ts'

const at = Date.parse('2026-01-28T23:00:00.123Z')

/** Runs `work` with a recorder, and gives what was logged. */
async function logged(
  work: () => void,
  options: Partial<RecorderOptions> = {},
): Promise<readonly { message: string; record: Record<string, unknown> }[]> {
  const logger = memoryLogger()
  const recorder = createRecorder({
    models: { User: 'CRITICAL' },
    logger,
    clock: () => at,
    ...options,
  })
  work()
  await recorder.close()
  return logger.said
}

function request(tenantId: string, userId: string, work: () => void): void {
  const operation = startOperation({ kind: 'request', method: 'GET', endpoint: '/api/admin/users' })
  operation.run(() => runWithTenant({ tenantId, env: 'prod', userId }, work))
  operation.end({ failed: false })
}

// mutation src/recorder.ts: say(record, 'TENANT_VIOLATION') => say(record, 'TENANT_BYPASS_USED')
it('warns of a violation with TENANT_VIOLATION and the documented fields [54]', async () => {
  const said = await logged(() => request('acme', 'u7', () => tell('log')))
  expect(said).toHaveLength(1)
  expect(said[0]).toMatchObject({
    level: 'warn',
    message: 'TENANT_VIOLATION',
    record: {
      model: 'User',
      action: 'select',
      violation: 'missing_tenant_id',
      endpoint: '/api/admin/users',
    },
  })
  expect(said[0]?.record['stackTrace']).toContain('at listUsers')
})

// mutation src/violation-record.ts: return withoutMilliseconds ? `${text.slice(0, 19)}Z` : text => return text
it('writes exactly the documented record under the preset 001 [111–121]', async () => {
  const said = await logged(
    () => {
      request('41', '7', () => tell('log', { detail: 'opaque', hint: 'compare the owner' }))
      request('globex', '007', () => tell('block', { violation: 'missing_relation_filter' }))
      tell('log', { model: 'Role', severity: 'HIGH' })
    },
    { preset: '001' },
  )
  const queryArgs = {
    fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    statement: 'select * from users where email = $1',
    parameters: ['string(17)'],
  }
  const common = {
    timestamp: '2026-01-28T23:00:00Z',
    severity: 'CRITICAL',
    model: 'User',
    action: 'select',
    endpoint: '/api/admin/users',
    method: 'GET',
    stackTrace: 'Error\n    at listUsers (/app/src/users.ts:12:3)',
    queryArgs,
  }
  expect(said.map(({ record }) => record)).toEqual([
    { ...common, violation: 'missing_tenant_id', userId: 7, tenantId: 41 },
    { ...common, violation: 'missing_relation_filter', userId: '007', tenantId: 'globex' },
    {
      ...common,
      severity: 'HIGH',
      model: 'Role',
      violation: 'missing_tenant_id',
      endpoint: 'unmatched',
      method: 'NONE',
    },
  ])
})

it('adds the detail and the hint, and keeps ids as text, without the preset', async () => {
  const hint = 'compare the owner'.padEnd(400)
  const said = await logged(() => request('41', '7', () => tell('log', { detail: 'opaque', hint })))
  expect(said[0]?.record).toMatchObject({
    timestamp: '2026-01-28T23:00:00.123Z',
    detail: 'opaque',
    hint: hint.slice(0, 300),
    tenantId: '41',
    userId: '7',
  })
})

it('writes ids as the key codec maps them, and never a number that is not exact', async () => {
  const keys = new Map([
    ['acme', 12],
    ['globex', 2 ** 60],
  ])
  const said = await logged(
    () => {
      request('acme', 'u1', () => tell('log'))
      request('globex', 'u2', () => tell('log'))
    },
    { preset: '001', tenantKey: (tenantId) => keys.get(tenantId) ?? tenantId },
  )
  expect(said.map(({ record }) => record['tenantId'])).toEqual([12, 'globex'])
})

it('reads the endpoint when the record is written, since a router knows it late', async () => {
  let route: string | undefined
  const said = await logged(() => {
    const operation = startOperation({ kind: 'request', endpoint: () => route })
    operation.run(() => tell('log'))
    route = '/api/admin/users/:id'
    operation.run(() => tell('log'))
    operation.end({ failed: false })
  })
  expect(said.map(({ record }) => record['endpoint'])).toEqual([
    'unmatched',
    '/api/admin/users/:id',
  ])
})

it('takes a stack once per signature and minute, and reuses its text', async () => {
  let taken = 0
  let now = 0
  const leak = (statement: string): void => {
    const found = violation({ shape: { statement, parameters: [] } })
    // A wall takes the stack when it is read.
    Object.defineProperty(found, 'stack', {
      get() {
        taken += 1
        return `stack ${taken}`
      },
    })
    publish({ type: 'decision', violation: found, decision: decision('log'), scope: undefined })
  }
  const said = await logged(
    () => {
      leak('a')
      leak('a')
      leak('b')
      now = 59_999
      leak('a')
      now = 60_000
      leak('a')
    },
    { wallClock: () => now },
  )
  expect(said.map(({ record }) => record['stackTrace'])).toEqual([
    'stack 1',
    'stack 1',
    'stack 2',
    'stack 1',
    'stack 3',
  ])
})

it('cuts statements, parameters and stacks that are too long to store', async () => {
  const long = 'x'.repeat(50_000)
  const said = await logged(() =>
    tell('log', {
      shape: { statement: long, parameters: Array.from({ length: 500 }, () => long) },
      stack: long,
    }),
  )
  expect(JSON.stringify(said[0]?.record).length).toBeLessThan(20_000)
})

it('writes through a real pino, object first', async () => {
  const lines: string[] = []
  const logger = pino(
    { base: null, timestamp: false },
    { write: (line: string) => void lines.push(line) },
  )
  await logged(() => request('acme', 'u7', () => tell('block')), { logger })
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 40,
    msg: 'TENANT_VIOLATION',
    model: 'User',
    tenantId: 'acme',
    userId: 'u7',
  })
})
