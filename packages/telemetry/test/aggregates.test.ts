import {
  appendFile,
  mkdir,
  open,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { runAsSystem, runWithTenant } from '@partywall/context'
import { publish, startOperation } from '@partywall/context/spi'
import {
  createRecorder,
  dailyReport,
  type Recorder,
  type RecorderOptions,
  readAggregates,
} from '@partywall/telemetry'
import fc from 'fast-check'
import { expect, it, onTestFinished, vi } from 'vitest'
import { temporaryFolder, until } from './fixture/folder.ts'
import { memoryLogger, tell } from './fixture/wall.ts'

const hourMs = 3_600_000
const noon = Date.parse('2026-01-28T12:00:00Z')
const models = { User: 'CRITICAL', Role: 'HIGH' } as const
const endpoints = ['/users', '/roles']

function record(folder: string, options: Partial<RecorderOptions> = {}): Recorder {
  const recorder = createRecorder({
    models,
    endpoints,
    reasons: ['nightly'],
    aggregates: { folder },
    instance: 'a',
    clock: () => noon,
    ...options,
  })
  onTestFinished(() => recorder.close())
  return recorder
}

function request(tenantId: string, endpoint: string, work: () => void): void {
  const operation = startOperation({ kind: 'request', method: 'GET', endpoint })
  operation.run(() => runWithTenant({ tenantId, env: 'prod' }, work))
  operation.end({ failed: false })
}

it('keeps what was counted by day, slot, model and endpoint, and no tenant', async () => {
  const folder = await temporaryFolder()
  let now = noon
  const recorder = record(folder, { clock: () => now, release: '2' })
  request('acme', '/users', () => tell('log'))
  request('globex', '/nowhere', () => tell('block', { model: 'Role', severity: 'HIGH' }))
  publish({ type: 'guarded', surface: 'sql', overheadMs: 0.2 })
  tell('block')
  now += 12 * hourMs
  request('acme', '/users', () => tell('log'))
  runAsSystem({ actor: 'cron', reason: 'nightly' }, () => tell('bypass'))
  await recorder.flush()
  const { aggregates } = await readAggregates(folder)
  expect(aggregates.map(({ day, instance, release }) => [day, instance, release])).toEqual([
    ['2026-01-28', 'a', '2'],
    ['2026-01-29', 'a', '2'],
  ])
  expect(aggregates[0]?.slots['72']).toMatchObject({
    guarded: 1,
    requests: 2,
    requestsBlocked: 1,
    blocksOutside: 1,
    violations: { User: { '/users': 1, unmatched: 1 }, Role: { other: 1 } },
    blocks: { User: { unmatched: 1 }, Role: { other: 1 } },
  })
  expect(aggregates[1]?.slots['0']).toMatchObject({
    requests: 1,
    violations: { User: { '/users': 1 } },
    bypasses: { nightly: 1 },
  })
  const text = (await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8'))
  expect((await Promise.all(text)).join()).not.toMatch(/acme|globex|select/)
})

it('sums over instances, restarts and days to exactly what was counted', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          instance: fc.constantFrom('a', 'b', 'c'),
          hours: fc.integer({ min: -30, max: 30 }),
          leaks: fc.array(
            fc.record({
              action: fc.constantFrom('log', 'block', 'allow', 'off'),
              model: fc.constantFrom('User', 'Role', 'Undeclared'),
              endpoint: fc.constantFrom('/users', '/roles', '/undeclared'),
              hours: fc.integer({ min: -30, max: 30 }),
              flush: fc.boolean(),
            }),
            { maxLength: 15 },
          ),
        }),
        { maxLength: 5 },
      ),
      async (runs) => {
        const folder = await temporaryFolder()
        let now = noon
        let violations = 0
        let operations = 0
        for (const [started, run] of runs.entries()) {
          const recorder = record(folder, {
            instance: run.instance,
            clock: () => now,
            wallClock: () => started,
          })
          for (const { action, model, endpoint, hours, flush } of run.leaks) {
            // A clock that jumps, back as well.
            now = noon + hours * hourMs
            request('acme', endpoint, () => tell(action, { model }))
            operations += 1
            if (action !== 'off') violations += 1
            if (flush) await recorder.flush()
          }
          await recorder.close()
        }
        const reading = await readAggregates(folder).catch(() => ({
          aggregates: [],
          unreadable: [],
        }))
        const days = ['2026-01-27', '2026-01-28', '2026-01-29']
        const reports = days.map((date) => dailyReport(reading, { date }))
        const total = (name: 'total' | 'operations'): number =>
          reports.reduce((sum, report) => sum + report[name], 0)
        expect(total('total')).toBe(violations)
        expect(total('operations')).toBe(operations)
      },
    ),
    { numRuns: 25 },
  )
}, 30_000)

it('keeps the newest 35 days that have a file, wherever the clock jumps', async () => {
  const folder = await temporaryFolder()
  let now = noon
  const recorder = record(folder, { clock: () => now })
  for (let day = 0; day < 40; day += 1) {
    now = noon + day * 24 * hourMs
    request('acme', '/users', () => {})
  }
  await recorder.flush()
  const days = async (): Promise<readonly string[]> =>
    (await readdir(folder)).map((file) => file.slice(0, 10)).sort()
  expect(await days()).toHaveLength(35)
  expect((await days())[0]).toBe('2026-02-02')
  now = Date.parse('2999-01-01T00:00:00Z')
  request('globex', '/users', () => {})
  now = Number.NaN
  request('globex', '/users', () => {})
  await recorder.flush()
  expect(await days()).toHaveLength(35)
  expect((await days())[0]).toBe('2026-02-03')
})

it('brings its files up to date by itself', async () => {
  const folder = join(await temporaryFolder(), 'aggregates')
  const recorder = record(folder, { aggregates: { folder, flushEveryMs: 10 } })
  request('acme', '/users', () => tell('log'))
  const written = (): Promise<number> =>
    readAggregates(folder).then(
      ({ aggregates }) => aggregates.length,
      () => 0,
    )
  await until(async () => (await written()) === 1)
  expect(recorder.totals().operations).toBe(1)
})

it('names files that are no aggregate instead of taking them for zero', async () => {
  const folder = await temporaryFolder()
  const recorder = record(folder)
  request('acme', '/users', () => tell('log'))
  await recorder.flush()
  const bad = ['2026-01-28.0-1.b.json', '2026-01-28.0-2.b.json', '2026-01-28.0-3.b.json']
  await writeFile(join(folder, bad[0] ?? ''), '')
  await writeFile(join(folder, bad[1] ?? ''), '{"version":1,"day":"2026-01-28"}')
  await mkdir(join(folder, bad[2] ?? ''))
  await writeFile(join(folder, 'notes.json'), '{}')
  const reading = await readAggregates(folder, { from: '2026-01-28', to: '2026-01-28' })
  expect(reading.aggregates).toHaveLength(1)
  expect(reading.unreadable).toEqual(bad)
  expect(await readAggregates(folder, { from: '2026-01-29' })).toEqual({
    aggregates: [],
    unreadable: [],
  })
})

it('syncs a day before it takes the place of the old one, and its folder after', async () => {
  const folder = await temporaryFolder()
  const handle = await open(folder, 'r')
  const sync = vi.spyOn(Object.getPrototypeOf(handle), 'sync')
  await handle.close()
  const recorder = record(folder)
  request('acme', '/users', () => tell('log'))
  request('globex', '/users', () => tell('log'))
  await recorder.flush()
  expect(sync).toHaveBeenCalledTimes(2)
  expect((await readAggregates(folder)).aggregates).toHaveLength(1)
})

it('loses nothing while the disk is full: the day is written when there is room', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, `2026-01-28.000000000-${process.pid.toString(36)}.a.json`)
  await symlink('/dev/full', `${file}.tmp`)
  await expect(appendFile(`${file}.tmp`, 'x')).rejects.toThrow(/ENOSPC/)
  const logger = memoryLogger()
  const recorder = record(folder, { logger, wallClock: () => 0 })
  request('acme', '/users', () => tell('log'))
  await recorder.flush()
  expect(logger.said.at(-1)).toMatchObject({
    message: 'TENANT_TELEMETRY_LOSS',
    record: { where: 'aggregates', code: 'ENOSPC' },
  })
  expect((await readAggregates(folder)).aggregates).toEqual([])
  await rm(`${file}.tmp`)
  await recorder.flush()
  expect((await readAggregates(folder)).aggregates[0]?.slots['72']?.requests).toBe(1)
})

it('counts a model and an endpoint that are called like members of every object', async () => {
  const folder = await temporaryFolder()
  const recorder = record(folder, {
    models: Object.fromEntries([['constructor', 'HIGH' as const]]),
    endpoints: ['toString'],
  })
  request('acme', 'toString', () => tell('block', { model: 'constructor', severity: 'HIGH' }))
  await recorder.flush()
  request('globex', 'toString', () => tell('log', { model: 'constructor', severity: 'HIGH' }))
  await recorder.flush()
  expect(
    Object.getOwnPropertyDescriptor(recorder.totals().models, 'constructor')?.value,
  ).toMatchObject({
    violations: 2,
    blocks: 1,
  })
  const report = dailyReport(await readAggregates(folder), { date: '2026-01-28' })
  expect(report.severities[1]).toEqual({
    severity: 'HIGH',
    total: 2,
    models: [{ name: 'constructor', count: 2 }],
  })
})
