import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PostgresServer, startPostgres } from '@partywall/testing'
import type pg from 'pg'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { storyBeginsAt, virtualClock } from '../../rollout-journey/src/clock.ts'
import { loadSeed } from '../../rollout-journey/src/data/load.ts'
import { models } from '../../rollout-journey/src/data/models.ts'
import { seededRandom } from '../../rollout-journey/src/data/random.ts'
import { createSeed, type SeedRows } from '../../rollout-journey/src/data/seed.ts'
import { tableNames } from '../../rollout-journey/src/data/tables.ts'
import { tenantKey } from '../../rollout-journey/src/data/tenants.ts'
import {
  countOpenTransactions,
  findDamage,
  restore,
  unexplainedDamage,
} from '../../rollout-journey/src/driver/damage.ts'
import type { Answer } from '../../rollout-journey/src/driver/exchange.ts'
import { planHour } from '../../rollout-journey/src/driver/plan.ts'
import { createTableClient } from '../../rollout-journey/src/driver/table-client.ts'
import { readTenantRows } from '../../rollout-journey/src/driver/tenant-rows.ts'
import { byLeak, countVerdicts } from '../../rollout-journey/src/driver/window.ts'
import { createWorld, type World } from '../../rollout-journey/src/driver/world.ts'
import { replaceFlagFile } from '../../rollout-journey/src/journey/flag-file.ts'
import { type Leak, type LeakKind, leakKinds } from '../../rollout-journey/src/leaks/leak.ts'
import {
  endpointOf,
  openRelationsOf,
  plantedLeaks,
} from '../../rollout-journey/src/leaks/planted.ts'
import { issueToken, type TokenKeys } from '../../rollout-journey/src/service/caller.ts'
import type { ServiceOptions } from '../src/start-service.ts'
import {
  type Logged,
  makeTokenKeys,
  type StartedService,
  startedService,
} from './started-service.ts'

const logging = { TENANT_ENFORCEMENT_ENABLED: 'true', TENANT_ENFORCEMENT_MODE: 'log_only' }
const enforcing = { TENANT_ENFORCEMENT_ENABLED: 'true', TENANT_ENFORCEMENT_MODE: 'enforce' }
const isCritical = ({ severity }: { readonly severity: string }): boolean => severity === 'CRITICAL'
const selecting = {
  TENANT_ENFORCEMENT_ENABLED: 'true',
  TENANT_ENFORCEMENT_MODE: 'selective',
  TENANT_ENFORCEMENT_ENFORCE_MODELS: modelNames(isCritical),
  TENANT_ENFORCEMENT_LOG_MODELS: modelNames((model) => !isCritical(model)),
}

/** Leaks in calls of the client that only forgot the tenant. The others name one, or are raw SQL. */
const forgetful: ReadonlySet<LeakKind> = new Set([
  'forgotten-where',
  'where-under-or',
  'count-without-tenant',
  'update-by-id',
  'delete-through-subquery',
  'in-list',
  'relation-without-tenant',
])

/** How often each leak is reached, in every test. */
const times = 2
const correctRequests = 100

let server: PostgresServer
let client: pg.Client
let world: World
let tokenKeys: TokenKeys
beforeAll(async () => {
  const seed = createSeed(7)
  world = createWorld(seed, virtualClock(storyBeginsAt))
  ;[server, tokenKeys] = await Promise.all([startPostgres(), makeTokenKeys()])
  client = createTableClient(server.url)
  await client.connect()
  await loadSeed(client, seed.rows)
})
afterAll(async () => {
  await client.end()
  await server.stop()
})

function modelNames(isMeant: (model: (typeof models)[number]) => boolean): string {
  return models
    .filter(isMeant)
    .map(({ model }) => model)
    .join(',')
}

/** The service, logged in to by every lane; what leaked is put back when the test is over. */
async function started(
  options: Pick<ServiceOptions, 'version' | 'environment' | 'flagFile' | 'confine'>,
): Promise<StartedService> {
  const service = await startedService(world, { databaseUrl: server.url, tokenKeys, ...options })
  onTestFinished(async () => {
    await service.stop()
    await restore(client, world, await findDamage(client, world))
  })
  await service.driver.logIn()
  return service
}

/** Correct requests and every leak, from all lanes at once. */
async function answersOf({ driver }: StartedService, salt: number): Promise<readonly Answer[]> {
  const probes = Object.fromEntries(leakKinds.map((kind) => [kind, times]))
  await driver.run(
    planHour(seededRandom(salt), world.lanes.length, { correct: correctRequests, probes }),
  )
  return driver.collect()
}

/** What must be on record when these leaks were reached so often. */
function recordsOf(leaks: readonly Leak[]): readonly string[] {
  return leaks
    .flatMap((leak) =>
      openRelationsOf(leak).map(({ model, violation }) => {
        const severity = models.find((each) => each.model === model)?.severity
        return `${endpointOf(leak)} ${model} ${severity} ${violation}`
      }),
    )
    .flatMap((line) => Array.from({ length: times }, () => line))
    .sort()
}

function linesOf(logged: readonly Logged[]): readonly string[] {
  return logged
    .map(({ message, record: { endpoint, model, severity, violation } }) =>
      message === 'TENANT_VIOLATION'
        ? `${endpoint} ${model} ${severity} ${violation}`
        : `${message} ${model}`,
    )
    .sort()
}

/** The verdicts of the correct requests, and those of each leak. */
function verdictsOf(answers: readonly Answer[]): object {
  const correct = answers.filter(({ leak }) => leak === undefined)
  return {
    differences: correct.flatMap(({ difference = [] }) => difference),
    correct: seen(countVerdicts(correct)),
    ...Object.fromEntries(
      [...byLeak(answers)].map(([kind, reached]) => [kind, seen(countVerdicts(reached))]),
    ),
  }
}

function seen(counts: Readonly<Record<string, number>>): object {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
}

/** All correct requests are answered; of each leak `verdict` says what becomes of it. */
function expected(verdict: (leak: Leak) => string): object {
  return {
    differences: [],
    correct: { correct: correctRequests },
    ...Object.fromEntries(plantedLeaks.map((leak) => [leak.kind, { [verdict(leak)]: times }])),
  }
}

// mutation ../../packages/prisma/src/client-call.ts: ...(isOneModel && modelName !== undefined ? { model: modelName } : {}), => ...{},
it('serves every leak while logging, and reports each as often as it was reached, and nothing else', async () => {
  const service = await started({ version: 'leaking', environment: logging })
  const answers = await answersOf(service, 1)
  expect(verdictsOf(answers)).toEqual(expected(() => 'leaked'))
  expect(linesOf(service.logged)).toEqual(recordsOf(plantedLeaks))
  expect(unexplainedDamage(await findDamage(client, world), answers)).toEqual([])
})

it('blocks what the enforced models leak, and serves the rest', async () => {
  const service = await started({ version: 'leaking', environment: selecting })
  const answers = await answersOf(service, 2)
  expect(verdictsOf(answers)).toEqual(expected((leak) => (isCritical(leak) ? 'blocked' : 'leaked')))
  expect(linesOf(service.logged)).toEqual(recordsOf(plantedLeaks))
  expect(unexplainedDamage(await findDamage(client, world), answers)).toEqual([])
})

it('refuses every leak in full enforcement, touches nothing, and answers all that is correct', async () => {
  const service = await started({ version: 'leaking', environment: enforcing })
  expect(verdictsOf(await answersOf(service, 3))).toEqual(expected(() => 'blocked'))
  expect(linesOf(service.logged)).toEqual(recordsOf(plantedLeaks))
  expect(await findDamage(client, world)).toEqual([])
  expect(await countOpenTransactions(client)).toBe(0)
})

it('has nothing to report where every leak is mended', async () => {
  const service = await started({ version: 'mended', environment: enforcing })
  expect(verdictsOf(await answersOf(service, 4))).toEqual(expected(() => 'correct'))
  expect(service.logged).toEqual([])
})

// mutation src/guarded-client.ts: { schema, confine }) => { schema })
it('is mended without a change where calls only forgot the tenant, when it is written into them', async () => {
  const service = await started({ version: 'leaking', environment: enforcing, confine: 'all' })
  const answers = await answersOf(service, 5)
  expect(verdictsOf(answers)).toEqual(
    expected(({ kind }) => {
      if (forgetful.has(kind)) return 'correct'
      // It means the tenant's own row now, and fails on the key that all tenants share.
      return kind === 'upsert-global-key' ? 'wrong' : 'blocked'
    }),
  )
  const named = plantedLeaks.filter(({ kind }) => !forgetful.has(kind))
  const blocked = named.filter(({ kind }) => kind !== 'upsert-global-key')
  expect(linesOf(service.logged)).toEqual(recordsOf(blocked))
  expect(await findDamage(client, world)).toEqual([])
})

// mutation src/start-service.ts: createRollout({ models: declaredModels, environment, flagFile }) => createRollout({ models: declaredModels, environment })
it('closes to all but the default tenant by the kill switch, while it runs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'prisma-service-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const flagFile = join(folder, 'flags.json')
  replaceFlagFile(flagFile, {})
  const service = await started({ version: 'leaking', environment: enforcing, flagFile })
  replaceFlagFile(flagFile, { PARTYWALL_TENANCY_ENABLED: 'false' })
  await expect
    .poll(() => service.service.rollout.snapshot().killSwitch, { timeout: 10_000 })
    .toBe('on')
  const answers = await answersOf(service, 6)
  const others = answers.filter(({ tenantId }) => tenantId !== 'default')
  expect(seen(countVerdicts(others))).toEqual({ disabled: others.length })
  const own = answers.filter(({ tenantId, leak }) => tenantId === 'default' && leak === undefined)
  expect(seen(countVerdicts(own))).toEqual({ correct: own.length })
  expect(service.received.filter(({ status }) => status === 501).length).toBeGreaterThan(0)
})

it('lets the system look past the tenants, on record', async () => {
  const { service, logged } = await started({
    version: 'mended',
    environment: { ...enforcing, TENANT_ENFORCEMENT_ALLOW_BYPASS: 'true' },
  })
  const outcome = await service.runJob('retention-report', 'default', '')
  expect(outcome).toEqual({ ok: true, result: { tenants: 5 } })
  expect(linesOf(logged)).toEqual(['TENANT_BYPASS_USED AuditLog'])
})

it('answers a tenant the same, and keeps the same rows for it, whether or not others have any', async () => {
  const [beside, alone] = await Promise.all([shownTo('acme', 'beside'), shownTo('acme', 'alone')])
  expect(beside.answers.length).toBeGreaterThan(100)
  expect(beside).toEqual(alone)
})

/** What a tenant is answered, in both versions of what leaked, and which rows it has thereafter. */
async function shownTo(
  tenantId: string,
  where: 'beside' | 'alone',
): Promise<{ readonly answers: readonly object[]; readonly rows: object }> {
  const own = await startPostgres()
  const look = createTableClient(own.url)
  try {
    await look.connect()
    const key = tenantKey(tenantId)
    await loadSeed(look, where === 'beside' ? world.seed.rows : rowsOf(key))
    const story = createWorld(world.seed, virtualClock(storyBeginsAt))
    const lanes = story.lanes.filter(({ user }) => user.tenantId === tenantId)
    for (const lane of lanes) {
      lane.token = await issueToken(tokenKeys.privateKey, lane.user.userId, tenantId)
    }
    const probes = Object.fromEntries(leakKinds.map((kind) => [kind, 1]))
    const plan = planHour(seededRandom(8), lanes.length, { correct: 40, probes })
    const answers: object[] = []
    for (const version of ['mended', 'leaking'] as const) {
      const options = { databaseUrl: own.url, tokenKeys, version, environment: enforcing }
      const { driver, received, stop } = await startedService(story, options)
      // One after the other: the ids that the database gives are the same, then.
      for (const planned of plan) {
        const lane = lanes[planned.lane]
        if (lane !== undefined) await driver.ask(lane, planned)
      }
      await stop()
      answers.push(...received)
    }
    return { answers, rows: await readTenantRows(look, [key]) }
  } finally {
    await look.end()
    await own.stop()
  }
}

/** What the seed has of one tenant. */
function rowsOf(key: number): SeedRows {
  const { rows } = world.seed
  const kept = tableNames.map((table) => [
    table,
    rows[table].filter((row: { readonly tenant_id: number }) => row.tenant_id === key),
  ])
  // Every table is there, with rows of its own.
  return Object.fromEntries(kept) as SeedRows
}
