import { document001 } from '@partywall/rollout'
import { describe, expect, it } from 'vitest'
import { ada, fleetModels, runningFleet } from './running-fleet.ts'
import { scopeOf, systemScope, violationOf } from './violations.ts'

const critical = ['User', 'RefreshToken', 'PasswordResetToken', 'MfaBackupCode', 'AuditLog']
const others = ['Role', 'UserRole', 'SecurityAlert', 'RolePermission']
const notGreen = expect.objectContaining({ code: 'rollout.not_green' })

describe('the stages of document 001', () => {
  it('are five, and take 2, 8, 6 and 12 days: four weeks in all [data 42, 43, 52, 65, 83, 162]', () => {
    expect(document001.stages.map(({ title }) => title)).toEqual([
      'Preparation',
      'Detection (logging only)',
      'Selective enforcement (CRITICAL models)',
      'Full enforcement',
      'Hardening (always on)',
    ])
    const dwell = document001.stages.map(
      ({ gates }) => gates.find(({ gate }) => gate === 'dwell')?.limit,
    )
    expect(dwell).toEqual([2, 8, 6, 12, undefined])
  })

  // mutation src/operator.ts: if (check.verdict !== 'green') throw notGreen(check) => if (check.verdict === 'red') throw notGreen(check)
  it('are walked one by one, each on green alone, by flags that change under the running processes [41, 44, 53, 66, 67, 68, 84, 158]', async () => {
    const fleet = await runningFleet()
    const seen: string[] = []
    for (const { stages } of [document001]) {
      for (const stage of stages.slice(0, 4)) {
        const status = await fleet.operator.status()
        expect(status.stage).toBe(stage.number)
        seen.push(status.mode)
        expect(status.flags).toMatchObject({ models: 'all' })
        if (stage.number === 0) expect(status.flags).toMatchObject({ enabled: false })
        else expect(status.flags).toMatchObject({ enabled: true, mode: stage.mode })
        if (stage.number === 2) {
          expect(status.flags).toMatchObject({ enforceModels: critical, logModels: others })
        }
        if (stage.number === 3) expect(status.flags.enforceModels).toBe('all')
        for (const { rollout } of fleet.processes.values()) {
          expect(rollout.snapshot()).toMatchObject({ stage: stage.number, mode: status.mode })
        }
        await expect(fleet.operator.advance(ada)).rejects.toThrow(notGreen)
        const dwell = stage.gates.find(({ gate }) => gate === 'dwell')?.limit ?? 0
        fleet.hours(dwell * 24 - 1)
        await expect(fleet.operator.advance(ada)).rejects.toThrow(notGreen)
        fleet.hours(1)
        expect((await fleet.check()).gates.filter(({ verdict }) => verdict !== 'green')).toEqual([])
        expect(await fleet.operator.advance(ada)).toMatchObject({
          change: 'advance',
          stage: stage.number + 1,
          actor: 'ada',
        })
        expect(await fleet.operator.waitForFleet({ timeoutMs: 10_000 })).toMatchObject({ ok: true })
      }
    }
    expect(seen).toEqual(['disabled', 'log_only', 'selective', 'enforce'])
    await expect(fleet.operator.advance(ada)).rejects.toMatchObject({ code: 'rollout.last_stage' })
  })

  it('last as long as operators put on record, where that is not the plan’s time', async () => {
    const fleet = await runningFleet()
    await fleet.operator.configure({ dwellDays: [0.5] }, ada)
    await fleet.operator.waitForFleet({ timeoutMs: 10_000 })
    fleet.hours(11)
    expect(await fleet.gate('dwell')).toMatchObject({ threshold: '>= 0.5', verdict: 'amber' })
    fleet.hours(1)
    expect((await fleet.operator.advance(ada)).stage).toBe(1)
    expect(await fleet.gate('dwell')).toMatchObject({ threshold: '>= 8' })
    for (const dwellDays of [[-1], [Number.NaN], [1_000]]) {
      await expect(fleet.operator.configure({ dwellDays }, ada)).rejects.toMatchObject({
        code: 'rollout.invalid_change',
      })
    }
  })

  it('keep what operators set beside them', async () => {
    const fleet = await runningFleet()
    await fleet.operator.configure({ allowBypass: true, logSampleRate: 0.5 }, ada)
    await fleet.operator.waitForFleet({ timeoutMs: 10_000 })
    await fleet.reach(3)
    const { flags } = await fleet.operator.status()
    expect(flags).toMatchObject({ allowBypass: true, logSampleRate: 0.5, mode: 'enforce' })
  })
})

describe('the last stage', () => {
  // mutation src/settings-of-record.ts: always: always || stageOf(generation).always, => always,
  it('is permanent: no flag, no rollback, no enforcement off; only documented jobs pass [94, 95, 96, 97, 161]', async () => {
    const fleet = await runningFleet()
    await fleet.operator.configure({ allowBypass: true }, ada)
    await fleet.operator.waitForFleet({ timeoutMs: 10_000 })
    await fleet.reach(4)
    const refused = { code: 'rollout.always' }
    for (const attempt of [
      fleet.operator.rollback(ada),
      fleet.operator.setEnforcement('off', ada),
      fleet.operator.removeModel('User', ada),
      fleet.operator.rearm(ada),
      fleet.operator.configure({ allowBypass: true }, ada),
      fleet.operator.overrideTenant('acme', { mode: 'log_only' }, ada),
    ]) {
      await expect(attempt).rejects.toMatchObject(refused)
    }
    const always = fleet.processes.get('a')
    const job = systemScope(
      { actor: 'nightly', reason: 'retention' },
      { kind: 'job', endpoint: 'retention' },
    )
    expect(always?.rollout.snapshot()).toMatchObject({ mode: 'always', enforcement: 'on' })
    expect(always?.rollout.enforcement.decide(violationOf('User'), job).action).toBe('block')
    expect(await fleet.gate('always_on')).toMatchObject({ value: 2, verdict: 'amber' })

    const systemJobs = [
      { name: 'retention', actor: 'nightly', reason: 'retention', models: ['AuditLog'] },
    ]
    for (const instance of ['a', 'b']) {
      fleet.stop(instance)
      fleet.start(instance, '4', { always: true, environment: {}, systemJobs })
    }
    fleet.hours(24)
    expect((await fleet.gate('always_on')).verdict).toBe('green')
    const { decide } = fleet.processes.get('a')?.rollout.enforcement ?? {}
    expect(decide?.(violationOf('AuditLog'), job)).toMatchObject({ action: 'bypass' })
    expect(decide?.(violationOf('User'), job)).toMatchObject({ action: 'block', reason: 'always' })
    expect(decide?.(violationOf('User'), scopeOf('acme')).action).toBe('block')

    await fleet.operator.setKillSwitch('on', ada)
    await fleet.operator.waitForFleet({ timeoutMs: 10_000 })
    expect(decide?.(violationOf('AuditLog'), job).reason).toBe('kill_switch')
  })
})

describe('walls that are always on by code', () => {
  const models = fleetModels

  it('are strict whatever the stage says', async () => {
    const fleet = await runningFleet()
    fleet.stop('a')
    const { rollout } = fleet.start('a', '1', { always: true, environment: {}, models })
    expect(rollout.snapshot()).toMatchObject({ stage: 0, mode: 'always', enforcement: 'on' })
  })
})
