import { onDecision, PartywallError, runAsSystem, runJob, runWithTenant } from '@partywall/context'
import { currentScope, publish, startOperation } from '@partywall/context/spi'
import { createRecorder, type Recorder, type RecorderOptions } from '@partywall/telemetry'
import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import { memoryLogger, tell } from './fixture/wall.ts'

const acme = { tenantId: 'acme', env: 'prod' } as const
const globex = { tenantId: 'globex', env: 'prod' } as const

let open: Recorder[] = []

function record(options: Partial<RecorderOptions> = {}): Recorder {
  const recorder = createRecorder({
    models: { User: 'CRITICAL', Role: 'HIGH', RolePermission: 'MEDIUM' },
    endpoints: ['/users', '/roles', 'nightly'],
    ...options,
  })
  open.push(recorder)
  return recorder
}

afterEach(async () => {
  await Promise.all(open.map((recorder) => recorder.close()))
  open = []
})

/** One request of a tenant that ends with `status`. */
function request(
  tenant: typeof acme | typeof globex,
  endpoint: string,
  work: () => void,
  outcome: { status?: number; failed?: boolean; code?: string } = {},
): void {
  const operation = startOperation({ kind: 'request', method: 'GET', endpoint })
  operation.run(() => runWithTenant(tenant, work))
  operation.end({ failed: false, ...outcome })
}

it('refuses options that cannot be right', () => {
  const models = { User: 'CRITICAL' } as const
  // A configuration file may say anything.
  const severity = 'SEVERE' as 'HIGH'
  expect(() => createRecorder({ models: { User: severity } })).toThrow(/severity/)
  const crowd = Object.fromEntries(
    Array.from({ length: 5000 }, (_, n) => [`M${n}`, 'HIGH' as const]),
  )
  expect(() => createRecorder({ models: crowd })).toThrow(/at most 4000/)
  expect(() => createRecorder({ models, instance: '../etc' })).toThrow(/instance must match/)
  expect(() => createRecorder({ models, instance: '' })).toThrow(/instance must match/)
  expect(() =>
    createRecorder({ models, violationLog: { folder: '/nowhere', maxFileBytes: 10 } }),
  ).toThrow(/maxFileBytes/)
  expect(() =>
    createRecorder({ models, violationLog: { folder: '/nowhere', maxFiles: 1 } }),
  ).toThrow(/maxFiles/)
  expect(() => createRecorder({ models, aggregates: { folder: '/nowhere', keepDays: 0 } })).toThrow(
    /keepDays/,
  )
})

it('counts a request with blocked statements once, and each statement of each tenant', () => {
  const recorder = record()
  request(
    acme,
    '/users',
    () => {
      tell('block')
      tell('block', { model: 'Role', severity: 'HIGH' })
    },
    { status: 500, failed: true, code: 'TENANT_CONTEXT_REQUIRED' },
  )
  request(globex, '/users', () => {}, { status: 200 })
  expect(recorder.totals()).toMatchObject({
    operations: 2,
    operationsBlocked: 1,
    operationsFailed: 0,
    models: { User: { violations: 1, blocks: 1 }, Role: { violations: 1, blocks: 1 } },
  })
})

it('counts a failure without a block as a failure of ours', () => {
  const recorder = record()
  request(acme, '/users', () => {}, { status: 503, failed: true })
  request(globex, '/users', () => tell('log'), { status: 500, failed: true })
  expect(recorder.totals()).toMatchObject({
    operations: 2,
    operationsBlocked: 0,
    operationsFailed: 2,
  })
})

it('counts what the kill switch refuses in no number', async () => {
  const logger = memoryLogger()
  const recorder = record({ logger })
  const code = 'tenancy.disabled'
  const killed = (): void => tell('block', {}, { reason: 'kill_switch' })
  const refused = (): void => {
    const { operation } = currentScope() ?? {}
    if (operation === undefined) throw new Error('no operation')
    publish({ type: 'refusal', surface: 'sql', code, status: 501, operation })
  }
  request(acme, '/users', killed, { status: 501, code })
  request(globex, '/users', () => {}, { status: 501, failed: true, code })
  // An application that makes an error of its own of the refusal leaves no code.
  request(acme, '/users', killed, { status: 500, failed: true })
  request(globex, '/users', refused, { status: 500, failed: true })
  await expect(
    runJob('nightly', () => {
      killed()
      throw new PartywallError(code, 'tenancy is disabled')
    }),
  ).rejects.toThrow()
  killed()
  expect(recorder.totals()).toMatchObject({
    operations: 0,
    operationsBlocked: 0,
    operationsFailed: 0,
    blocksOutside: 0,
    blockedSignatures: {},
    models: { User: { violations: 0, blocks: 0 } },
  })
  expect(logger.said.map(({ message }) => message)).toEqual(['TENANT_REFUSAL'])
})

it('counts statements that are blocked outside of any operation apart: they are in no share', () => {
  const recorder = record()
  runWithTenant(acme, () => tell('block'))
  runWithTenant(globex, () => tell('block'))
  runWithTenant(globex, () => tell('log'))
  request(acme, '/users', () => tell('block'))
  expect(recorder.totals()).toMatchObject({
    operations: 1,
    operationsBlocked: 1,
    blocksOutside: 2,
    models: { User: { violations: 4, blocks: 3 } },
  })
})

it('counts jobs as operations, and one that throws as failed', async () => {
  const recorder = record()
  await runJob('nightly', () => runWithTenant(acme, () => tell('block')))
  await expect(
    runJob('nightly', () => {
      throw new Error('out of memory')
    }),
  ).rejects.toThrow()
  expect(recorder.totals()).toMatchObject({
    operations: 2,
    operationsBlocked: 1,
    operationsFailed: 1,
  })
  expect(recorder.series().operations[1]).toEqual({
    kind: 'job',
    finished: 2,
    blocked: 1,
    failed: 1,
  })
})

it('counts a request whose statement is blocked after its answer', () => {
  const recorder = record()
  const operation = startOperation({ kind: 'request', endpoint: '/users' })
  operation.end({ failed: false, status: 200 })
  expect(recorder.totals().operationsBlocked).toBe(0)
  operation.run(() => tell('block'))
  operation.run(() => tell('block'))
  expect(recorder.totals()).toMatchObject({ operations: 1, operationsBlocked: 1 })
})

it('counts a violation that is allowed, and none while the mode is disabled', () => {
  const logger = memoryLogger()
  const recorder = record({ logger })
  request(acme, '/users', () => tell('allow', { model: 'Role', severity: 'HIGH' }))
  request(globex, '/users', () => tell('off'))
  expect(recorder.totals().models).toMatchObject({
    Role: { violations: 1, blocks: 0 },
    User: { violations: 0 },
  })
  expect(recorder.totals().operations).toBe(2)
  expect(logger.said).toEqual([])
})

// mutation src/decision-account.ts: return decision.record ? written : silent => return written
it('samples records of what was let through, never a block, a bypass or a counter [105]', () => {
  const logger = memoryLogger()
  const recorder = record({ logger, reasons: ['nightly_cleanup'] })
  const record_ = { record: false }
  for (const tenant of [acme, globex]) {
    request(tenant, '/users', () => tell('log', {}, record_))
    request(tenant, '/users', () => tell('block', {}, record_))
  }
  runAsSystem({ actor: 'cron', reason: 'nightly_cleanup' }, () => tell('bypass', {}, record_))
  expect(logger.said.map(({ message }) => message)).toEqual([
    'TENANT_VIOLATION',
    'TENANT_VIOLATION',
    'TENANT_BYPASS_USED',
  ])
  expect(recorder.totals().models).toMatchObject({
    User: { violations: 4, blocks: 2, bypasses: 1 },
  })
  expect(recorder.totals().bypasses).toMatchObject({ nightly_cleanup: 1 })
})

// mutation src/decision-account.ts: if (seen.has(id) || seen.size >= recordsPerScope) return silent => if (seen.size > 0) return silent
it('counts one system scope as one use, and logs each statement of it with its stack [150]', () => {
  const logger = memoryLogger()
  const recorder = record({ logger, reasons: ['nightly_cleanup'] })
  const cleanup = { actor: 'cron', reason: 'nightly_cleanup', note: 'ticket 7' }
  runAsSystem(cleanup, () => {
    tell('bypass')
    tell('bypass')
    tell('bypass', { model: 'Role', severity: 'HIGH' })
  })
  runAsSystem(cleanup, () => tell('bypass'))
  runAsSystem(cleanup, () => {})
  runAsSystem({ actor: 'eve', reason: 'never_declared' }, () => tell('bypass'))
  expect(recorder.totals().bypasses).toEqual({ nightly_cleanup: 2, other: 1 })
  expect(recorder.totals().models['User']).toMatchObject({ violations: 0, bypasses: 4 })
  expect(logger.said).toHaveLength(4)
  for (const { message, record: said } of logger.said) {
    expect(message).toBe('TENANT_BYPASS_USED')
    expect(said['stackTrace']).toContain('at listUsers')
  }
  expect(logger.said[0]?.record).toMatchObject({
    actor: 'cron',
    reason: 'nightly_cleanup',
    note: 'ticket 7',
    model: 'User',
  })
})

it('keeps blocked signatures apart by model, action, endpoint and statement, and bounded', () => {
  const recorder = record()
  request(acme, '/users', () => tell('block'))
  request(globex, '/users', () => tell('block'))
  request(acme, '/roles', () => tell('block'))
  request(acme, '/users', () => tell('block', { action: 'delete' }))
  const signatures = Object.values(recorder.totals().blockedSignatures)
  expect(signatures.map(({ blocks }) => blocks).sort()).toEqual([1, 1, 2])
  expect(recorder.totals().unlistedBlocks).toBe(0)
  for (let index = 0; index < 1100; index += 1) {
    tell('block', { shape: { statement: `select ${index}`, parameters: [] } })
  }
  expect(Object.keys(recorder.totals().blockedSignatures)).toHaveLength(1000)
  expect(recorder.totals().unlistedBlocks).toBe(103)
  expect(recorder.totals().models['User']?.blocks).toBe(1104)
})

it('counts undeclared models, endpoints and reasons without a new series', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          model: fc.string(),
          endpoint: fc.string(),
          reason: fc.stringMatching(/^[a-z]{1,9}$/),
        }),
        { maxLength: 50 },
      ),
      (seen) => {
        const recorder = record({ reasons: ['nightly_cleanup'] })
        const before = recorder.series()
        for (const { model, endpoint, reason } of seen) {
          request(acme, endpoint, () => tell('block', { model, severity: 'MEDIUM' }))
          runAsSystem({ actor: 'cron', reason }, () => tell('bypass', { model }))
        }
        const after = recorder.series()
        expect(after.models.map(labelsOf)).toEqual(before.models.map(labelsOf))
        expect(after.bypasses).toHaveLength(before.bypasses.length)
        const sum = after.models.reduce((total, { blocks }) => total + blocks, 0)
        expect(sum).toBe(seen.length)
        void recorder.close()
      },
    ),
    { numRuns: 30 },
  )
})

it('never makes more than 10 000 series of models and endpoints, and says what it folded', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 0, max: 800 }),
      (models, endpoints) => {
        const logger = memoryLogger()
        const recorder = record({
          logger,
          models: Object.fromEntries(Array.from({ length: models }, (_, n) => [`M${n}`, 'HIGH'])),
          endpoints: Array.from({ length: endpoints }, (_, n) => `/e/${n}`),
        })
        const series = recorder.series().models.length
        expect(series).toBeLessThanOrEqual(10_000)
        const wanted = (models + 4) * (endpoints + 2)
        expect(logger.said.map(({ message }) => message)).toEqual(
          wanted > 10_000 ? ['TENANT_TELEMETRY_LIMIT'] : [],
        )
        void recorder.close()
      },
    ),
    { numRuns: 20 },
  )
})

it('keeps counting when a subscriber, the logger or an endpoint throws, and counts the loss', () => {
  const stop = onDecision(() => {
    throw new Error('subscriber')
  })
  const recorder = record({
    logger: {
      warn: () => {
        throw new Error('disk full')
      },
      error: () => {
        throw new Error('disk full')
      },
    },
  })
  const before = recorder.totals().lost
  const operation = startOperation({
    kind: 'request',
    endpoint: () => {
      throw new Error('router')
    },
  })
  operation.run(() => runWithTenant(acme, () => tell('block')))
  operation.end({ failed: false })
  request(globex, '/users', () => tell('log'))
  stop()
  const totals = recorder.totals()
  expect(totals).toMatchObject({ operations: 2, operationsBlocked: 1 })
  expect(totals.models['User']).toMatchObject({ violations: 2, blocks: 1 })
  // Two records; and start, decision and end of each, for the failing subscriber.
  expect(totals.lost - before).toBe(2 + 6)
  expect(
    recorder
      .series()
      .models.find(({ endpoint, blocks }) => endpoint === 'unmatched' && blocks === 1),
  ).toBeDefined()
})

it('tells of guard faults without their message, which may hold data', () => {
  const logger = memoryLogger()
  const recorder = record({ logger })
  publish({ type: 'fault', surface: 'sql', error: new TypeError('bad value secret@acme.example') })
  expect(recorder.totals().guardFaults).toBe(1)
  expect(logger.said).toEqual([
    { level: 'warn', message: 'TENANT_GUARD_FAULT', record: { surface: 'sql', code: 'TypeError' } },
  ])
})

it('logs a refusal at the boundary with its reason code', () => {
  const logger = memoryLogger()
  record({ logger })
  request(acme, '/users', () => {
    const scope = currentScope()
    if (scope?.tenant === undefined || scope.operation === undefined) throw new Error('no scope')
    publish({
      type: 'refusal',
      surface: 'http',
      code: 'tenant.forbidden',
      status: 403,
      tenantId: scope.tenant.tenantId,
      userId: 'u7',
      operation: scope.operation,
    })
  })
  expect(logger.said).toEqual([
    {
      level: 'warn',
      message: 'TENANT_REFUSAL',
      record: {
        surface: 'http',
        reason: 'tenant.forbidden',
        status: 403,
        tenantId: 'acme',
        userId: 'u7',
        endpoint: '/users',
        method: 'GET',
      },
    },
  ])
})

it('logs a flood of refusals and faults by the minute, and says how many it left out', async () => {
  const logger = memoryLogger()
  let now = 0
  const recorder = record({ logger, wallClock: () => now })
  const refuse = (code: string): void =>
    publish({ type: 'refusal', surface: 'http', code, status: 403 })
  const lines = (reason: string): number =>
    logger.said.filter(({ record: said }) => said['reason'] === reason).length
  const summaries = (): readonly unknown[] =>
    logger.said.flatMap(({ message, record: said }) =>
      message === 'TENANT_LINES_LEFT_OUT' ? [said] : [],
    )
  for (let sent = 0; sent < 1_000; sent += 1) refuse('tenant.forbidden')
  refuse('tenant.unknown')
  expect([lines('tenant.forbidden'), lines('tenant.unknown')]).toEqual([60, 1])
  expect(summaries()).toEqual([])
  now += 60_000
  refuse('tenant.forbidden')
  expect(summaries()).toEqual([{ of: 'TENANT_REFUSAL', code: 'tenant.forbidden', leftOut: 940 }])
  expect(lines('tenant.forbidden')).toBe(61)
  for (let sent = 0; sent < 100; sent += 1) {
    publish({ type: 'fault', surface: 'sql', error: new TypeError('boom') })
  }
  // As many codes as somebody cares to make up take no more room than a hundred.
  for (let code = 0; code < 5_000; code += 1) refuse(`made.up.${code}`)
  expect(logger.said.length).toBeLessThan(400)
  expect(recorder.totals().guardFaults).toBe(100)
  await recorder.close()
  expect(summaries()).toContainEqual({ of: 'TENANT_GUARD_FAULT', code: 'TypeError', leftOut: 40 })
  expect(summaries().at(-1)).toMatchObject({ of: 'TENANT_REFUSAL', code: 'other' })
})

it('measures what the walls add, statement by statement', () => {
  const recorder = record()
  for (const overheadMs of [0.004, 0.3, 7, 400, Number.NaN]) {
    publish({ type: 'guarded', surface: 'sql', overheadMs })
  }
  const { guarded, overhead } = recorder.totals()
  expect(guarded).toBe(5)
  expect(overhead.boundsMs).toContain(5)
  expect(overhead.boundsMs).toContain(10)
  expect(overhead.counts.reduce((sum, count) => sum + count, 0)).toBe(5)
  expect(overhead.counts.at(-1)).toBe(2)
  expect(overhead.counts[overhead.boundsMs.indexOf(10)]).toBe(1)
  expect(recorder.series().overheadSumMs).toBeCloseTo(407.304)
})

it('stops listening when it is closed, and stays readable', async () => {
  const recorder = record()
  request(acme, '/users', () => tell('block'))
  await recorder.close()
  request(globex, '/users', () => tell('block'))
  expect(recorder.totals()).toMatchObject({ operations: 1, operationsBlocked: 1 })
})

function labelsOf({
  model,
  severity,
  endpoint,
}: {
  model: string
  severity: string
  endpoint: string
}): string {
  return JSON.stringify([model, severity, endpoint])
}
