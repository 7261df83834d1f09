import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openRollout } from '@partywall/rollout'
import { describe, expect, it } from 'vitest'
import { ada, type RunningFleet, runningFleet } from './running-fleet.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { until } from './until.ts'
import { scopeOf, violationOf } from './violations.ts'

const [acme, globex] = [scopeOf('acme'), scopeOf('globex')]

function actions(fleet: RunningFleet, model: string): readonly string[] {
  return [...fleet.processes.values()].flatMap(({ rollout }) =>
    [acme, globex].map((scope) => rollout.enforcement.decide(violationOf(model), scope).action),
  )
}
const everywhere = (action: string): readonly string[] => Array(4).fill(action)

async function applied(fleet: RunningFleet): Promise<void> {
  expect(await fleet.operator.waitForFleet({ timeoutMs: 10_000 })).toMatchObject({ ok: true })
}

async function refusal(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => 'none',
    (error: { code?: string }) => error.code ?? 'no code',
  )
}

describe('a change', () => {
  // mutation src/operator.ts: return { ...parseChange(by), at: clock() } => return { ...by, at: clock() }
  it('names an actor and a reason, or is refused and leaves nothing', async () => {
    const { operator } = await runningFleet()
    for (const by of [
      { actor: '', reason: 'r' },
      { actor: ' ', reason: 'r' },
      { actor: 'ada', reason: '' },
      { actor: 'ada', reason: '\n' },
      { actor: 'partywall:auto', reason: 'r' },
      { actor: 'environment', reason: 'r' },
    ]) {
      for (const attempt of [
        operator.advance(by),
        operator.rollback(by),
        operator.rearm(by),
        operator.removeModel('User', by),
        operator.restoreModel('User', by),
        operator.setEnforcement('off', by),
        operator.setKillSwitch('on', by),
        operator.configure({}, by),
        operator.overrideTenant('acme', undefined, by),
        operator.triage(['s1'], 'legitimate', by),
      ]) {
        expect(await refusal(attempt)).toBe('rollout.invalid_change')
      }
    }
    const long = { actor: 'SECRET'.repeat(200), reason: 'r' }
    await expect(operator.setKillSwitch('on', long)).rejects.toMatchObject({
      code: 'rollout.invalid_change',
      message: expect.stringMatching(/^the actor is a string of 1200 characters; (?!.*SECRET)/),
    })
    expect(await operator.history()).toHaveLength(2)
  })

  it('of something that is not so is refused', async () => {
    const { operator, reach } = await runningFleet()
    expect(await refusal(operator.rollback(ada))).toBe('rollout.invalid_change')
    expect(await refusal(operator.setEnforcement('off', ada))).toBe('rollout.invalid_change')
    expect(await refusal(operator.setKillSwitch('off', ada))).toBe('rollout.invalid_change')
    await reach(2)
    expect(await refusal(operator.setEnforcement('on', ada))).toBe('rollout.invalid_change')
    expect(await refusal(operator.rearm(ada))).toBe('rollout.invalid_change')
    expect(await refusal(operator.removeModel('Role', ada))).toBe('rollout.invalid_change')
    expect(await refusal(operator.removeModel('Nobody', ada))).toBe('rollout.invalid_change')
    expect(await refusal(operator.restoreModel('User', ada))).toBe('rollout.invalid_change')
    expect(await refusal(operator.triage(['nothing'], 'legitimate', ada))).toBe(
      'rollout.invalid_change',
    )
    expect(await refusal(operator.configure({ instances: [] }, ada))).toBe('rollout.invalid_change')
    expect(await refusal(operator.configure({ logSampleRate: 0 }, ada))).toBe(
      'rollout.invalid_change',
    )
    expect(await refusal(operator.configure({ models: { Role: 'HIGH' } }, ada))).toBe(
      'rollout.invalid_change',
    )
  })
})

describe('the instant rollback', () => {
  // mutation src/compile.ts: latch === 'log_only' && mode === 'log_only' => latch === 'selective' && mode === 'log_only'
  it('stops blocking within a second, keeps the stage, and latches until a person re-arms [81, 141, 142, 152]', async () => {
    const fleet = await runningFleet()
    await fleet.reach(2)
    expect(actions(fleet, 'User')).toEqual(everywhere('block'))
    const record = await fleet.operator.rollback(ada)
    const wait = await fleet.operator.waitForFleet({ timeoutMs: 60_000 })
    expect(wait.ok && wait.elapsedMs).toBeLessThan(60_000)
    expect(record).toMatchObject({ change: 'rollback', stage: 2, latch: 'log_only' })
    expect(actions(fleet, 'User')).toEqual(everywhere('log'))
    const { rollout } = fleet.processes.get('a') ?? {}
    expect(rollout?.enforcement.decide(violationOf('User'), acme).reason).toBe('rolled_back')
    expect(rollout?.snapshot()).toMatchObject({ mode: 'log_only', rolledBack: true, stage: 2 })

    fleet.hours(25)
    expect(await fleet.gate('own_settings')).toMatchObject({ verdict: 'amber' })
    expect(await refusal(fleet.operator.advance(ada))).toBe('rollout.not_green')
    expect(await refusal(fleet.operator.rollback(ada))).toBe('rollout.invalid_change')

    const before = fleet.now()
    await fleet.operator.rearm({ actor: 'grace', reason: 'the query is mended' })
    await applied(fleet)
    expect(actions(fleet, 'User')).toEqual(everywhere('block'))
    expect(await fleet.check()).toMatchObject({ countingSince: before, verdict: 'inconclusive' })
    fleet.hours(24)
    expect((await fleet.check()).verdict).toBe('green')
  })

  // mutation src/next-generation.ts: latch === 'selective' => latch === undefined
  it('of full enforcement can also go back to the CRITICAL models alone [93]', async () => {
    const fleet = await runningFleet()
    await fleet.reach(3)
    expect(actions(fleet, 'Role')).toEqual(everywhere('block'))
    await fleet.operator.rollback({ ...ada, to: 'selective' })
    await applied(fleet)
    expect(await fleet.operator.status()).toMatchObject({
      stage: 3,
      mode: 'selective',
      latch: 'selective',
      enforcedModels: ['User', 'RefreshToken', 'PasswordResetToken', 'MfaBackupCode', 'AuditLog'],
    })
    expect(actions(fleet, 'Role')).toEqual(everywhere('log'))
    expect(actions(fleet, 'User')).toEqual(everywhere('block'))
    await fleet.operator.rollback(ada)
    await applied(fleet)
    expect(actions(fleet, 'User')).toEqual(everywhere('log'))
    await fleet.operator.rearm(ada)
    await applied(fleet)
    expect(actions(fleet, 'Role')).toEqual(everywhere('block'))
  })
})

describe('the partial rollback', () => {
  // mutation src/stage-flags.ts: logModels: Object.freeze([...logged, ...taken]), => logModels: Object.freeze([...logged]),
  it('takes one model out, leaves the others enforced, and holds the verdict at amber [82, 143]', async () => {
    for (const stage of [2, 3]) {
      const fleet = await runningFleet(400)
      await fleet.reach(stage)
      await fleet.operator.removeModel('User', ada)
      await applied(fleet)
      expect(actions(fleet, 'User')).toEqual(everywhere('log'))
      for (const other of ['RefreshToken', 'AuditLog', '(unknown)']) {
        expect(actions(fleet, other)).toEqual(everywhere('block'))
      }
      expect(actions(fleet, 'Role')).toEqual(everywhere(stage === 2 ? 'log' : 'block'))
      fleet.hours(25)
      expect(await fleet.check()).toMatchObject({ verdict: 'amber' })
      await fleet.operator.restoreModel('User', ada)
      await applied(fleet)
      expect(actions(fleet, 'User')).toEqual(everywhere('block'))
      fleet.hours(24)
      expect((await fleet.check()).verdict).toBe('green')
    }
  })

  it('does not take out the last model', async () => {
    const fleet = await runningFleet()
    await fleet.operator.configure({ models: { User: 'CRITICAL', Role: 'HIGH' } }, ada)
    for (const instance of ['a', 'b']) {
      fleet.stop(instance)
      fleet.start(instance, '2', { models: { User: 'CRITICAL', Role: 'HIGH' } })
    }
    await fleet.reach(2)
    expect(await refusal(fleet.operator.removeModel('User', ada))).toBe('rollout.invalid_change')
    expect((await fleet.operator.status()).enforcedModels).toEqual(['User'])
  })
})

describe('the two switches', () => {
  // mutation src/transitions.ts: if (position === 'off') return { ...next, flags: { ...next.flags, enabled: false } } => if (position === 'off') return next
  it('open and close apart from each other, without a restart [64, 141]', async () => {
    const fleet = await runningFleet()
    await fleet.reach(3)
    await fleet.operator.setEnforcement('off', ada)
    await applied(fleet)
    expect(actions(fleet, 'User')).toEqual(everywhere('off'))
    expect(await fleet.operator.status()).toMatchObject({ enforcement: 'off', killSwitch: 'off' })

    const closed = await fleet.operator.setKillSwitch('on', ada)
    await fleet.operator.waitForFleet({ killSwitchRecord: closed.number, timeoutMs: 10_000 })
    expect(actions(fleet, 'User')).toEqual(everywhere('block'))
    const { rollout } = fleet.processes.get('b') ?? {}
    if (acme.tenant) expect(rollout?.enforcement.refusal(acme.tenant.tenantId)).toBeDefined()
    expect(rollout?.enforcement.decide(violationOf('User'), scopeOf('default')).action).toBe('off')
    expect(await fleet.operator.status()).toMatchObject({ enforcement: 'off', killSwitch: 'on' })
    expect((await fleet.gate('own_settings')).note).toBe('enforcement is off')
    expect(await fleet.gate('kill_switch')).toMatchObject({ value: 2, verdict: 'amber' })

    await fleet.operator.setEnforcement('on', ada)
    await fleet.operator.setKillSwitch('off', ada)
    await applied(fleet)
    expect(actions(fleet, 'User')).toEqual(everywhere('block'))
    if (acme.tenant) expect(rollout?.enforcement.refusal(acme.tenant.tenantId)).toBeUndefined()
  })

  it('leave a rollback and a removed model as they are', async () => {
    const fleet = await runningFleet()
    await fleet.reach(2)
    await fleet.operator.removeModel('User', ada)
    await fleet.operator.rollback(ada)
    await fleet.operator.setEnforcement('off', ada)
    await fleet.operator.setEnforcement('on', ada)
    expect(await fleet.operator.status()).toMatchObject({
      latch: 'log_only',
      mode: 'log_only',
      removedModels: ['User'],
    })
    await fleet.operator.setEnforcement('off', ada)
    await fleet.operator.rearm(ada)
    expect(await fleet.operator.status()).toMatchObject({ enforcement: 'off', mode: 'disabled' })
    await fleet.operator.setEnforcement('on', ada)
    expect(await fleet.operator.status()).toMatchObject({
      mode: 'selective',
      removedModels: ['User'],
    })
  })
})

describe('a tenant of its own mode', () => {
  // mutation src/transitions.ts: if (override !== undefined && 'until' in override && !(override.until > step.at)) { => if (override === undefined) {
  it('is tightened freely, loosened until a day to come, and holds the verdict while it is loose', async () => {
    const fleet = await runningFleet()
    await fleet.reach(3)
    const exempt = (until: number) =>
      fleet.operator.overrideTenant('acme', { mode: 'log_only', reason: 'ticket-1', until }, ada)
    expect(await refusal(exempt(fleet.now()))).toBe('rollout.invalid_change')
    expect(await refusal(exempt(Number.NaN))).toBe('rollout.invalid_change')
    expect(await refusal(fleet.operator.overrideTenant('No Tenant', undefined, ada))).toBe(
      'tenant.invalid',
    )
    const { rollout } = fleet.processes.get('a') ?? {}
    const decided = () =>
      [acme, globex].map((scope) => rollout?.enforcement.decide(violationOf('User'), scope).action)

    await fleet.operator.overrideTenant('acme', { mode: 'log_only' }, ada)
    await applied(fleet)
    expect(decided()).toEqual(['block', 'block'])
    await exempt(fleet.now() + 24 * 3_600_000)
    await applied(fleet)
    expect(decided()).toEqual(['log', 'block'])
    fleet.hours(23)
    expect(await fleet.gate('own_settings')).toMatchObject({ note: 'exempt tenants: 1' })
    fleet.hours(1)
    expect(decided()).toEqual(['block', 'block'])
    expect((await fleet.check()).verdict).toBe('green')
    await fleet.operator.overrideTenant('acme', undefined, ada)
    expect((await fleet.operator.status()).tenants).toEqual({})
  })
})

describe('triage', () => {
  it('is on record for each blocked signature, and the newest word counts', async () => {
    const fleet = await runningFleet(400)
    await fleet.reach(3)
    fleet.hours(30, (processes, passed) => {
      if (passed === 1) processes.get('b')?.seen.block('s1', 'Role', 'HIGH')
    })
    expect(await fleet.operator.signatures()).toMatchObject([
      { id: 's1', model: 'Role', blocks: 1, blocksCounted: 1, ruling: 'open' },
    ])
    expect((await fleet.check()).verdict).toBe('inconclusive')
    await fleet.operator.triage(['s1'], 'false_positive', ada)
    expect(await fleet.gate('false_positives')).toMatchObject({ verdict: 'red' })
    await fleet.operator.triage(['s1'], 'legitimate', { actor: 'grace', reason: 'a real leak' })
    expect((await fleet.check()).verdict).toBe('green')
    expect((await fleet.operator.history()).slice(-2)).toMatchObject([
      { kind: 'triage', ruling: 'false_positive', actor: 'ada' },
      { kind: 'triage', ruling: 'legitimate', actor: 'grace', reason: 'a real leak' },
    ])
  })

  // mutation src/operator.ts: if (unknown !== -1) => if (unknown === 0)
  it('is one record for all that it names, each once, and nothing where one is unknown', async () => {
    const fleet = await runningFleet(400)
    await fleet.reach(3)
    fleet.hours(1, (processes) => {
      for (const id of ['s1', 's2', 's3']) processes.get('b')?.seen.block(id, 'Role', 'HIGH')
    })
    const before = await fleet.operator.history()
    for (const named of [[], ['s1', 'nothing'], ['nothing', 's1']]) {
      expect(await refusal(fleet.operator.triage(named, 'legitimate', ada))).toBe(
        'rollout.invalid_change',
      )
    }
    await expect(fleet.operator.triage(['s1', 'nothing'], 'open', ada)).rejects.toMatchObject({
      message: expect.stringContaining('signature 2 of 2'),
    })
    expect(await fleet.operator.history()).toEqual(before)
    await fleet.operator.triage(['s1', 's2', 's1'], 'legitimate', ada)
    const [newest, ...others] = (await fleet.operator.history()).slice(before.length)
    expect(newest).toMatchObject({ kind: 'triage', signatures: ['s1', 's2'] })
    expect(others).toEqual([])
    expect(await fleet.operator.signatures()).toMatchObject([
      { id: 's1', ruling: 'legitimate' },
      { id: 's2', ruling: 'legitimate' },
      { id: 's3', ruling: 'open' },
    ])
    await fleet.operator.triage(['s2'], 'false_positive', ada)
    expect(await fleet.gate('false_positives')).toMatchObject({ value: 1, verdict: 'red' })
  })
})

describe('the automatic rollback', () => {
  // mutation src/automatic-rollback.ts: if (red.length === 0) return undefined => if (red.length > 0) return undefined
  it('comes when more than 1 % of the requests are blocked, once, and latches [140]', async () => {
    const fleet = await runningFleet(1_000)
    await fleet.reach(3)
    fleet.start('c', '1')
    fleet.stop('c')
    for (const instance of ['a', 'b']) {
      fleet.stop(instance)
      fleet.start(instance, '1', { onRed: 'rollback' })
    }
    fleet.hours(3, (processes) => {
      for (const { seen } of processes.values()) seen.operations(0, { blocked: 10 })
    })
    expect((await fleet.operator.status()).mode).toBe('enforce')
    fleet.hours(1, (processes) => {
      for (const { seen } of processes.values()) seen.operations(0, { blocked: 30 })
    })
    await until(() => actions(fleet, 'User').every((action) => action === 'log'))
    const history = await fleet.operator.history()
    const automatic = history.filter(({ actor }) => actor === 'partywall:auto')
    expect(automatic).toMatchObject([{ change: 'rollback', stage: 3, latch: 'log_only' }])
    expect(automatic[0]?.reason).toMatch(/requests with a blocked query/)
    fleet.hours(1, (processes) => {
      for (const { seen } of processes.values()) seen.operations(0, { failed: 500 })
    })
    expect(await fleet.operator.history()).toHaveLength(history.length)
  })

  // mutation src/recurring-gates.ts: measure: 'failed_share_rise', => measure: 'own_settings',
  it('comes for errors that users see, and for a block that a person calls false [140]', async () => {
    for (const trouble of ['failures', 'false positive'] as const) {
      const fleet = await runningFleet(1_000)
      await fleet.reach(2)
      fleet.stop('a')
      fleet.start('a', '1', { onRed: 'rollback' })
      fleet.hours(1, (processes) => {
        const { seen } = processes.get('b') ?? {}
        if (trouble === 'failures') seen?.operations(0, { failed: 30 })
        else seen?.block('s1', 'User', 'CRITICAL')
      })
      if (trouble === 'false positive') {
        expect((await fleet.operator.status()).mode).toBe('selective')
        await fleet.operator.triage(['s1'], 'false_positive', ada)
        fleet.tick()
      }
      expect(await fleet.operator.status()).toMatchObject({ mode: 'log_only', latch: 'log_only' })
    }
  })

  // mutation src/automatic-rollback.ts: const open = withoutClosedTime(evidence) => const open = evidence
  it('never comes while tenancy is off, nor for what failed then: the wall would open by itself', async () => {
    for (const flagFile of [undefined, join(temporaryFolder(), 'flags.json')]) {
      const flags = {
        TENANT_ENFORCEMENT_ENABLED: true,
        TENANT_ENFORCEMENT_MODE: 'enforce',
        TENANT_ENFORCEMENT_ENFORCE_MODELS: 'all',
      }
      if (flagFile) writeFileSync(flagFile, JSON.stringify(flags))
      const fleet = await runningFleet(1_000)
      await fleet.reach(3)
      fleet.stop('a')
      fleet.start('a', '1', { onRed: 'rollback', flagFile })
      const before = (await fleet.operator.history()).length
      const red = (): void =>
        fleet.hours(1, (processes) => {
          // A file closes its own process alone.
          processes.get('a')?.seen.operations(0, { blocked: 500, failed: 500 })
        })
      const { rollout } = fleet.processes.get('a') ?? {}
      const isKilled = (position: 'on' | 'off') => () => rollout?.snapshot().killSwitch === position
      const kill = async (position: 'on' | 'off'): Promise<void> => {
        if (flagFile === undefined) await fleet.operator.setKillSwitch(position, ada)
        else {
          const more = { PARTYWALL_TENANCY_ENABLED: position === 'off' }
          writeFileSync(flagFile, JSON.stringify({ ...flags, ...more }))
        }
        await until(isKilled(position))
        await fleet.operator.waitForFleet({ timeoutMs: 10_000 })
      }
      await kill('on')
      red()
      expect((await fleet.operator.status()).mode).toBe('enforce')
      // Not settled yet when it is on again: it failed under the other position all the same.
      fleet.processes.get('a')?.seen.operations(1_000, { blocked: 500, failed: 500 })
      await kill('off')
      fleet.hours(2)
      const status = await fleet.operator.status()
      expect(status).toMatchObject({ mode: 'enforce', killSwitch: 'off' })
      expect(status.latch).toBeUndefined()
      const automatic = (await fleet.operator.history())
        .slice(before)
        .filter(({ actor }) => actor === 'partywall:auto')
      expect(automatic).toEqual([])
      // It is not asleep: what fails now counts.
      red()
      expect((await fleet.operator.status()).latch).toBe('log_only')
    }
  })

  // mutation src/state-participant.ts: if (onRed === 'rollback') rollBackIfRed() => rollBackIfRed()
  it('is opt-in: whoever can provoke errors must not be able to open the walls', async () => {
    const fleet = await runningFleet(1_000)
    await fleet.reach(3)
    fleet.hours(2, (processes) => {
      for (const { seen } of processes.values()) seen.operations(0, { blocked: 500 })
    })
    expect((await fleet.check()).verdict).toBe('red')
    expect(actions(fleet, 'User')).toEqual(everywhere('block'))
  })

  it('does not come for a guard that is slow or for a closed stage', async () => {
    const fleet = await runningFleet(1_000)
    for (const instance of ['a', 'b']) {
      fleet.stop(instance)
      fleet.start(instance, '1', { onRed: 'rollback' })
    }
    await fleet.reach(1)
    fleet.hours(2, (processes) => {
      for (const { seen } of processes.values()) seen.operations(0, { failed: 500 })
    })
    expect((await fleet.check()).verdict).toBe('red')
    expect((await fleet.operator.status()).latch).toBeUndefined()
  })
})

it('is the same for everybody who opens the folder', async () => {
  const fleet = await runningFleet()
  fleet.hours(24)
  const other = await openRollout(fleet.folder, { clock: fleet.now })
  expect(await other.check()).toEqual(await fleet.check())
  await other.setKillSwitch('on', ada)
  expect((await fleet.operator.status()).killSwitch).toBe('on')
})
