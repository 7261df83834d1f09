import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { OperationInit } from '@partywall/context/spi'
import { createRollout, RolloutError, type RolloutOptions } from '@partywall/rollout'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runningFleet } from './running-fleet.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { until } from './until.ts'
import { scopeOf, systemScope, violationOf } from './violations.ts'

const models = { User: 'CRITICAL', AuditLog: 'CRITICAL' } as const
const T = 'TENANT_ENFORCEMENT_'
const systemJobs = [
  { name: 'retention', actor: 'nightly', reason: 'retention', models: ['AuditLog'] },
]
const [acme, globex] = [scopeOf('acme'), scopeOf('globex')]

function refusalOf(options: Partial<RolloutOptions>): RolloutError {
  try {
    createRollout({ models, environment: {}, always: true, ...options }).close()
  } catch (error) {
    if (error instanceof RolloutError) return error
    throw error
  }
  throw new Error('it started')
}

describe('walls that are always on', () => {
  // mutation src/loosening-flags.ts: BYPASS_REQUIRES_REASON: 'true', => BYPASS_REQUIRES_REASON: 'false',
  it('refuse to start beside a variable that would loosen them, and list all of them [95, 96]', () => {
    const loosening = {
      ENABLED: 'false',
      MODE: 'log_only',
      MODELS: 'User',
      ENFORCE_MODELS: 'User',
      LOG_MODELS: 'AuditLog',
      ALLOW_BYPASS: 'true',
      BYPASS_REQUIRES_REASON: 'false',
      SOMETHING: 'else',
    }
    const environment = Object.fromEntries(
      Object.entries(loosening).map(([key, value]) => [T + key, value]),
    )
    const all = refusalOf({ environment })
    expect(all.code).toBe('rollout.always')
    expect(new Set(all.problems.map(({ name }) => name))).toEqual(new Set(Object.keys(environment)))
    for (const [name, value] of Object.entries(environment)) {
      expect(refusalOf({ environment: { [name]: value } }).problems).toMatchObject([{ name }])
    }
    const flagFile = join(temporaryFolder(), 'flags.json')
    writeFileSync(flagFile, JSON.stringify(environment))
    expect(refusalOf({ flagFile }).code).toBe('rollout.always')
  })

  it('start without flags, and with those that say the same', () => {
    for (const environment of [
      {},
      { [`${T}ENABLED`]: 'true', [`${T}MODE`]: 'enforce', [`${T}LOG_SAMPLE_RATE`]: '0.5' },
    ]) {
      const { enforcement, snapshot } = createRollout({ models, environment, always: true })
      for (const scope of [acme, globex, undefined]) {
        expect(enforcement.decide(violationOf('User'), scope)).toMatchObject({
          action: 'block',
          reason: 'always',
        })
      }
      expect(snapshot()).toMatchObject({ mode: 'always', enforcement: 'on', source: 'code' })
    }
  })

  // mutation src/decide.ts: job.models.includes(violation.model), => job.models.length > 0,
  it('let only documented system jobs pass: that actor, that reason, those models [97]', () => {
    const { enforcement } = createRollout({ models, environment: {}, always: true, systemJobs })
    const job = { kind: 'job', endpoint: 'retention' } as const
    const decide = (model: string, actor: string, reason: string): string =>
      enforcement.decide(violationOf(model), systemScope({ actor, reason }, job)).action
    expect(decide('AuditLog', 'nightly', 'retention')).toBe('bypass')
    expect(decide('User', 'nightly', 'retention')).toBe('block')
    expect(decide('(unknown)', 'nightly', 'retention')).toBe('block')
    expect(decide('AuditLog', 'nightly', 'cleanup')).toBe('block')
    expect(decide('AuditLog', 'ops', 'retention')).toBe('block')
    expect(enforcement.decide(violationOf('AuditLog'), acme).action).toBe('block')
  })

  // mutation src/decide.ts: job.name === operation.endpoint && => job.name !== '' &&
  it('let a documented job pass only as the job of that name, in no request and in no other job [97]', () => {
    const { enforcement } = createRollout({ models, environment: {}, always: true, systemJobs })
    const claimed = { actor: 'nightly', reason: 'retention' }
    const within = (operation?: OperationInit): string =>
      enforcement.decide(violationOf('AuditLog'), systemScope(claimed, operation)).action
    expect(within({ kind: 'job', endpoint: 'another-job' })).toBe('block')
    expect(within({ kind: 'request', method: 'GET', endpoint: '/api/reports' })).toBe('block')
    expect(within({ kind: 'request', method: 'GET', endpoint: 'retention' })).toBe('block')
    expect(within()).toBe('block')
    expect(within({ kind: 'job', endpoint: 'retention' })).toBe('bypass')
  })

  it('refuse a list of jobs that documents nothing', () => {
    for (const job of [
      { name: '', actor: 'a', reason: 'r', models: ['User'] },
      { name: 'n', actor: ' ', reason: 'r', models: ['User'] },
      { name: 'n', actor: 'a', reason: 'unspecified', models: ['User'] },
      { name: 'n', actor: 'a', reason: 'Not A Code', models: ['User'] },
      { name: 'n', actor: 'a', reason: 'r', models: [] },
      { name: 'n', actor: 'a', reason: 'r', models: ['Nobody'] },
    ]) {
      expect(refusalOf({ systemJobs: [job] }).code).toBe('rollout.invalid_options')
    }
  })

  // mutation src/flag-sources.ts: if (wrong.length > 0) { => if (wrong.length > 99) {
  it('take nothing from a flag file but the kill switch', async () => {
    const flagFile = join(temporaryFolder(), 'flags.json')
    writeFileSync(flagFile, '{}')
    const rollout = createRollout({ models, environment: {}, always: true, flagFile })
    onTestFinished(() => rollout.close())
    writeFileSync(flagFile, JSON.stringify({ [`${T}ENABLED`]: false }))
    await until(() => rollout.problems().length === 1)
    expect(rollout.enforcement.decide(violationOf('User'), acme).action).toBe('block')
    writeFileSync(flagFile, JSON.stringify({ PARTYWALL_TENANCY_ENABLED: false }))
    await until(() => rollout.snapshot().killSwitch === 'on')
    expect(rollout.problems()).toEqual([])
    if (acme.tenant) expect(rollout.enforcement.refusal(acme.tenant.tenantId)).toBeDefined()
  })
})

describe('a release of before the last stage, on a record that stands in it', () => {
  const loosening: readonly Readonly<Record<string, string>>[] = [
    { [`${T}ENABLED`]: 'false' },
    { [`${T}ENABLED`]: 'true', [`${T}MODE`]: 'log_only' },
    { [`${T}ENABLED`]: 'true', [`${T}MODE`]: 'enforce', [`${T}ALLOW_BYPASS`]: 'true' },
    // No exception for a valid "off" beside something else that is wrong.
    { [`${T}ENABLED`]: 'false', [`${T}MODE`]: 'nothing' },
  ]
  const refused = expect.objectContaining({ code: 'rollout.always' })

  // mutation src/state-ledger.ts: if (stageOf(generation).always) refuseLoosening(options.loosening) => if (stageOf(generation).always) refuseLoosening([])
  it('refuses to start beside a loosening flag, and starts without [95, 96]', async () => {
    const fleet = await runningFleet()
    await fleet.reach(4)
    const flagFile = join(fleet.folder, 'flags.json')
    for (const environment of loosening) {
      const before = readdirSync(join(fleet.folder, 'fleet'))
      expect(() => fleet.start('c', '1', { environment })).toThrow(refused)
      expect(readdirSync(join(fleet.folder, 'fleet'))).toEqual(before)
      writeFileSync(flagFile, JSON.stringify(environment))
      const wrong = environment[`${T}MODE`] === 'nothing'
      expect(() => fleet.start('c', '1', { environment: {}, flagFile })).toThrow(
        wrong ? /MODE/ : refused,
      )
    }
    // A deployment that was rolled back after its variables were taken out.
    const { rollout } = fleet.start('c', '1', { environment: {} })
    expect(rollout.enforcement.decide(violationOf('User'), acme).reason).toBe('always')
    expect(rollout.enforcement.decide(violationOf('User'), globex).action).toBe('block')
  })

  // mutation src/create-rollout.ts: const ignored = settings.always ? sources.loosening().map(ignoredAlways) : [] => const ignored = settings.always ? sources.loosening().slice(99).map(ignoredAlways) : []
  it('that runs when the stage is entered says that its flags are void, and takes no other', async () => {
    const fleet = await runningFleet()
    await fleet.reach(3)
    const flagFile = join(fleet.folder, 'flags.json')
    writeFileSync(flagFile, '{}')
    fleet.stop('a')
    const { rollout } = fleet.start('a', '1', { flagFile })
    expect(rollout.snapshot().warnings).toEqual([])
    await fleet.reach(4)
    expect(rollout.snapshot()).toMatchObject({ mode: 'always' })
    expect(rollout.snapshot().warnings.join()).toMatch(/ignored, .*TENANT_ENFORCEMENT_ENABLED is/)
    writeFileSync(flagFile, JSON.stringify({ [`${T}ENABLED`]: 'true', [`${T}MODE`]: 'log_only' }))
    await until(() => rollout.problems()[0]?.code === 'file.invalid')
    expect(rollout.enforcement.decide(violationOf('User'), acme).reason).toBe('always')
  })
})

describe('declared models', () => {
  it('are checked before anything starts', () => {
    for (const wrong of [
      {},
      { all: 'HIGH' },
      { '(unknown)': 'HIGH' },
      { 'a,b': 'HIGH' },
      { ' User': 'HIGH' },
      { User: 'LOW' },
    ]) {
      // Wrong on purpose: JavaScript callers have no types.
      const models = wrong as RolloutOptions['models']
      expect(refusalOf({ models }).code).toBe('rollout.invalid_options')
    }
  })
})
