import { writeFileSync } from 'node:fs'
import {
  appendFile,
  chmod,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { runAsSystem, runWithTenant } from '@partywall/context'
import { startOperation } from '@partywall/context/spi'
import {
  createRecorder,
  type Recorder,
  type RecorderOptions,
  readViolations,
} from '@partywall/telemetry'
import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from './fixture/folder.ts'
import { memoryLogger, tell } from './fixture/wall.ts'

const start = Date.parse('2026-01-28T12:00:00Z')

function record(folder: string, options: Partial<RecorderOptions> = {}): Recorder {
  const recorder = createRecorder({
    models: { User: 'CRITICAL', Role: 'HIGH' },
    violationLog: { folder },
    instance: 'a',
    ...options,
  })
  onTestFinished(() => recorder.close())
  return recorder
}

function leak(tenantId: string, action: 'log' | 'block', model = 'User'): void {
  const operation = startOperation({ kind: 'request', method: 'GET', endpoint: `/${model}` })
  operation.run(() => runWithTenant({ tenantId, env: 'prod' }, () => tell(action, { model })))
  operation.end({ failed: false })
}

/** The name of the first file of a recorder whose wall clock stands at 0. */
const firstFile = `violations.000000000-${process.pid.toString(36)}.a.000001.ndjson`

it('keeps every record with its decision and its signature', async () => {
  const folder = join(await temporaryFolder(), 'made/by/the/recorder')
  const recorder = record(folder, { release: '2b', clock: () => start })
  leak('acme', 'log')
  leak('globex', 'block')
  runAsSystem({ actor: 'cron', reason: 'nightly', note: 'ticket 7' }, () => tell('bypass'))
  await recorder.flush()
  const { violations, matched, torn, unreadable } = await readViolations(folder)
  expect({ matched, torn, unreadable }).toEqual({ matched: 3, torn: 0, unreadable: [] })
  expect(violations.map(({ decision, record }) => [decision, record.tenantId])).toEqual([
    ['log', 'acme'],
    ['block', 'globex'],
    ['bypass', undefined],
  ])
  const [id] = Object.keys(recorder.totals().blockedSignatures)
  expect(violations[1]).toMatchObject({
    signature: id,
    reason: 'default',
    generation: 3,
    instance: 'a',
    release: '2b',
    record: { timestamp: '2026-01-28T12:00:00.000Z', model: 'User', endpoint: '/User' },
  })
  expect(violations[2]?.bypass).toEqual({ actor: 'cron', reason: 'nightly', note: 'ticket 7' })
})

it('reads by model, severity, endpoint, decision, signature, tenant, time and number', async () => {
  const folder = await temporaryFolder()
  let now = start
  const recorder = record(folder, { clock: () => now })
  for (const tenantId of ['acme', 'globex']) {
    for (const model of ['User', 'Role']) {
      for (const action of ['log', 'block'] as const) {
        leak(tenantId, action, model)
        now += 1000
      }
    }
  }
  await recorder.flush()
  const count = async (filter: Parameters<typeof readViolations>[1]): Promise<number> =>
    (await readViolations(folder, filter)).matched
  const signature = (await readViolations(folder)).violations[0]?.signature
  expect(await count({})).toBe(8)
  expect(await count({ model: 'User' })).toBe(4)
  expect(await count({ severity: 'MEDIUM' })).toBe(0)
  expect(await count({ endpoint: '/Role' })).toBe(4)
  expect(await count({ decision: 'block' })).toBe(4)
  expect(await count({ tenantId: 'acme', decision: 'log' })).toBe(2)
  expect(await count({ signature })).toBe(4)
  expect(await count({ from: start + 1000, to: start + 3000 })).toBe(2)
  const { violations, matched } = await readViolations(folder, { limit: 3 })
  expect(matched).toBe(8)
  expect(violations.map(({ record }) => record.timestamp)).toEqual([
    '2026-01-28T12:00:05.000Z',
    '2026-01-28T12:00:06.000Z',
    '2026-01-28T12:00:07.000Z',
  ])
})

it('skips what is no whole record: a torn last line, another file, a folder in its place', async () => {
  const folder = await temporaryFolder()
  const recorder = record(folder, { wallClock: () => 0 })
  leak('acme', 'log')
  await recorder.flush()
  const whole = await readFile(join(folder, firstFile), 'utf8')
  await appendFile(join(folder, firstFile), whole.slice(0, whole.length / 2))
  await writeFile(join(folder, 'violations.1-1.b.000001.ndjson'), '{"a":1}\nnull\n\n"x"')
  await writeFile(join(folder, 'notes.txt'), 'no log')
  await mkdir(join(folder, 'violations.2-2.c.000001.ndjson'))
  expect(await readViolations(folder)).toMatchObject({
    matched: 1,
    torn: 4,
    unreadable: ['violations.2-2.c.000001.ndjson'],
  })
  await expect(readViolations(join(folder, 'nowhere'))).rejects.toThrow(/ENOENT/)
})

/** A log of as many records as there are statements, by another process that has ended. */
async function ended(folder: string, run: number, records: number, maxFiles = 20): Promise<void> {
  const violationLog = { folder, maxFiles, maxFileBytes: 65_536 }
  const recorder = record(folder, { instance: `i${run}`, wallClock: () => run, violationLog })
  for (let index = 0; index < records; index += 1) {
    tell('log', { shape: { statement: `select ${run}, ${index}`, parameters: [] } })
  }
  await recorder.close()
}

async function bytesOf(folder: string): Promise<number> {
  let bytes = 0
  for (const file of await readdir(folder)) bytes += (await stat(join(folder, file))).size
  return bytes
}

/** Makes a file look as if its last record were so many minutes old. */
async function age(file: string, minutes: number): Promise<void> {
  const at = new Date(Date.now() - minutes * 60_000)
  await utimes(file, at, at)
}

it('keeps the few records of each of many processes', async () => {
  const folder = await temporaryFolder()
  for (let run = 0; run < 30; run += 1) {
    const recorder = record(folder, { instance: `i${run}`, wallClock: () => run })
    leak(run % 2 === 0 ? 'acme' : 'globex', 'block')
    await recorder.close()
    expect(recorder.series().recordsRemoved).toBe(0)
  }
  const { matched } = await readViolations(folder)
  expect(matched).toBe(30)
})

it('never exceeds its bound in bytes, keeps the newest, and counts and tells what goes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 2, max: 4 }),
      async (bursts, maxFiles) => {
        const folder = await temporaryFolder()
        let told = 0
        let removed = 0
        for (const [run, burst] of bursts.entries()) {
          const logger = memoryLogger()
          const recorder = record(folder, {
            logger,
            instance: run % 2 === 0 ? 'a' : 'b',
            wallClock: () => run,
            violationLog: { folder, maxFiles, maxFileBytes: 65_536 },
          })
          for (let index = 0; index < burst; index += 1) {
            told += 1
            tell('log', { shape: { statement: `select ${told}`, parameters: [] } })
          }
          await recorder.close()
          removed += recorder.series().recordsRemoved
          const said = logger.said.filter(({ message }) => message === 'TENANT_RECORDS_REMOVED')
          const records = said.map(({ record }) => Number(record['records']))
          expect(records.reduce((sum, count) => sum + count, 0)).toBe(
            recorder.series().recordsRemoved,
          )
          expect(await bytesOf(folder)).toBeLessThanOrEqual(maxFiles * 65_536)
          for (const file of await readdir(folder)) {
            expect((await stat(join(folder, file))).size).toBeLessThanOrEqual(65_536)
          }
        }
        const { violations, matched, torn } = await readViolations(folder)
        expect({ torn, known: matched + removed }).toEqual({ torn: 0, known: told })
        const statements = violations.map(({ record }) => record.queryArgs.statement)
        expect(statements).toContain(`select ${told}`)
      },
    ),
    { numRuns: 8 },
  )
}, 30_000)

it('takes the oldest record first, and the file that another process writes last', async () => {
  const folder = await temporaryFolder()
  // A process that began first and still runs, beside one that ended an hour ago and one that fills the folder.
  await ended(folder, 1, 1)
  await ended(folder, 2, 60)
  const [running = '', over = ''] = (await readdir(folder)).sort()
  await age(join(folder, running), 30)
  await age(join(folder, over), 61)
  await ended(folder, 3, 300, 2)
  const left = await readdir(folder)
  expect(left).toContain(running)
  expect(left).not.toContain(over)
  // Silent for an hour: its record is the oldest now.
  await age(join(folder, running), 90)
  await ended(folder, 4, 300, 2)
  expect(await readdir(folder)).not.toContain(running)
})

it('holds a bound in files too, far above what running instances need', async () => {
  const folder = await temporaryFolder()
  const crashed = (number: number): string =>
    `violations.000000000-1.c${String(number).padStart(4, '0')}.000001.ndjson`
  for (let number = 0; number < 2010; number += 1) {
    writeFileSync(join(folder, crashed(number)), '{}\n')
  }
  const recorder = record(folder)
  leak('acme', 'block')
  leak('globex', 'log')
  await recorder.flush()
  expect(await readdir(folder)).toHaveLength(2000)
  expect(recorder.series().recordsRemoved).toBe(11)
  expect((await readViolations(folder)).matched).toBe(2)
}, 30_000)

it('serves on while the disk is full, counts the loss, and says so once per minute', async () => {
  const folder = await temporaryFolder()
  await symlink('/dev/full', join(folder, firstFile))
  await expect(appendFile(join(folder, firstFile), 'x')).rejects.toThrow(/ENOSPC/)
  const logger = memoryLogger()
  let now = 0
  const recorder = record(folder, { logger, wallClock: () => now })
  const before = recorder.totals().lost
  for (const tenantId of ['acme', 'globex', 'acme']) {
    leak(tenantId, 'block')
    await recorder.flush()
  }
  expect(recorder.totals().lost - before).toBe(3)
  expect(recorder.totals()).toMatchObject({ operations: 3, operationsBlocked: 3 })
  const losses = (): readonly object[] => logger.said.filter(({ level }) => level === 'error')
  expect(losses()).toEqual([
    {
      level: 'error',
      message: 'TENANT_TELEMETRY_LOSS',
      record: { where: 'violation_log', code: 'ENOSPC', lost: 1 },
    },
  ])
  now = 60_000
  leak('acme', 'log')
  await recorder.flush()
  expect(losses()).toHaveLength(2)
  expect(losses()[1]).toMatchObject({ record: { lost: 4 } })
  // The disk has room again: what comes now is kept.
  await rm(join(folder, firstFile))
  leak('globex', 'log')
  await recorder.flush()
  const { violations, torn } = await readViolations(folder)
  expect(violations.map(({ record }) => record.tenantId)).toEqual(['globex'])
  expect(torn).toBe(0)
})

it('serves on while the folder is read-only, and counts the loss', async () => {
  const folder = await temporaryFolder()
  await chmod(folder, 0o555)
  // For root, modes mean nothing until it steps down.
  const { geteuid, seteuid } = process
  const root = geteuid?.() === 0
  if (root) seteuid?.(65_534)
  try {
    await expect(writeFile(join(folder, 'x'), '')).rejects.toThrow(/EACCES/)
    const logger = memoryLogger()
    const recorder = record(folder, { logger, aggregates: { folder: join(folder, 'aggregates') } })
    leak('acme', 'block')
    leak('globex', 'log')
    await recorder.flush()
    expect(recorder.totals()).toMatchObject({ operations: 2, operationsBlocked: 1 })
    expect(recorder.totals().lost).toBeGreaterThanOrEqual(2)
    expect(logger.said.find(({ level }) => level === 'error')?.record).toMatchObject({
      code: 'EACCES',
    })
  } finally {
    if (root) seteuid?.(0)
  }
  expect(await readdir(folder)).toEqual([])
})

it('counts as lost what it cannot hold while the disk does not keep up', async () => {
  const folder = await temporaryFolder()
  const recorder = record(folder)
  const before = recorder.totals().lost
  const parameters = Array.from({ length: 100 }, () => 'x'.repeat(64))
  for (let index = 0; index < 2000; index += 1) {
    tell('log', { shape: { statement: `select ${index}`, parameters } })
  }
  await recorder.flush()
  const { matched } = await readViolations(folder, { limit: 1 })
  const lost = recorder.totals().lost - before
  expect(lost).toBeGreaterThan(0)
  expect(matched + lost).toBe(2000)
})
