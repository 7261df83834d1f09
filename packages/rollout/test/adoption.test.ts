import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRollout } from '@partywall/rollout'
import { describe, expect, it, onTestFinished } from 'vitest'
import { countingObservations } from './counting-observations.ts'
import { ada, fleetModels, type RunningFleet, runningFleet } from './running-fleet.ts'
import { until } from './until.ts'

const T = 'TENANT_ENFORCEMENT_'
const off = { [`${T}ENABLED`]: 'false' }
const logging = { [`${T}ENABLED`]: 'true', [`${T}MODE`]: 'log_only' }
const selective = (list: string): Record<string, string> => ({
  [`${T}ENABLED`]: 'true',
  [`${T}MODE`]: 'selective',
  [`${T}ENFORCE_MODELS`]: list,
  [`${T}LOG_MODELS`]: 'Role,UserRole,SecurityAlert,RolePermission',
})
const critical = 'User,RefreshToken,PasswordResetToken,MfaBackupCode,AuditLog'

function restart(fleet: RunningFleet, instance: string, environment: Record<string, string>): void {
  fleet.stop(instance)
  fleet.start(instance, '1', { environment })
}

async function generations(fleet: RunningFleet): Promise<readonly string[]> {
  const history = await fleet.operator.history()
  return history.flatMap((entry) =>
    entry.kind === 'generation' ? [`${entry.change} ${entry.actor}`] : [],
  )
}

describe('the environment of an instance', () => {
  // mutation src/adopter.ts: const isTold = last?.content === content => const isTold = false
  it('is no news when an instance restarts or joins with what the fleet was told before', async () => {
    const fleet = await runningFleet()
    await fleet.reach(3)
    const before = await generations(fleet)
    restart(fleet, 'a', off)
    // A new name, say of a pod that was added: it must not open the walls of the others.
    fleet.start('c', '1', { environment: off })
    expect(await generations(fleet)).toEqual(before)
    for (const { rollout } of fleet.processes.values()) {
      expect(rollout.snapshot()).toMatchObject({ mode: 'enforce', source: 'state' })
    }
  })

  // mutation src/adopter.ts: const made = next === undefined ? generation() : state.generations.append(next, generation()) => const made = generation()
  it('becomes a generation for all when it says something new; a looser mode is a rollback and latches [141]', async () => {
    const fleet = await runningFleet()
    await fleet.reach(2)
    restart(fleet, 'a', logging)
    expect(await fleet.operator.waitForFleet({ timeoutMs: 10_000 })).toMatchObject({ ok: true })
    expect(await fleet.operator.status()).toMatchObject({
      mode: 'log_only',
      stage: 2,
      latch: 'log_only',
      lastChange: { change: 'adopt', actor: 'environment' },
    })
    expect(fleet.processes.get('b')?.rollout.snapshot().mode).toBe('log_only')
    const told = await generations(fleet)
    restart(fleet, 'b', logging)
    restart(fleet, 'a', logging)
    expect(await generations(fleet)).toEqual(told)

    await fleet.operator.rearm(ada)
    expect((await fleet.operator.status()).mode).toBe('selective')
    restart(fleet, 'a', logging)
    expect((await fleet.operator.status()).mode).toBe('selective')
    restart(fleet, 'a', off)
    expect(await fleet.operator.status()).toMatchObject({ enforcement: 'off', mode: 'disabled' })
  })

  // mutation src/transitions.ts: const blocking = latch === undefined && isBlocking(modeInForce(flags, latch)) => const blocking = false
  it('with a shorter ENFORCE list is a partial rollback [82, 143]', async () => {
    const fleet = await runningFleet()
    await fleet.reach(2)
    restart(fleet, 'b', selective('RefreshToken,PasswordResetToken,MfaBackupCode,AuditLog'))
    expect(await fleet.operator.status()).toMatchObject({
      mode: 'selective',
      removedModels: ['User'],
    })
    expect((await fleet.operator.status()).latch).toBeUndefined()
    await fleet.operator.restoreModel('User', ada)
    expect((await fleet.operator.status()).enforcedModels).toContain('User')
  })

  it('that says what holds already makes no generation', async () => {
    const fleet = await runningFleet()
    await fleet.reach(2)
    const before = await generations(fleet)
    restart(fleet, 'a', selective(critical))
    expect(await generations(fleet)).toEqual(before)
  })

  it('is not told twice by a process that died before it noted what it had told', async () => {
    const fleet = await runningFleet()
    await fleet.reach(2)
    restart(fleet, 'a', logging)
    await fleet.operator.rearm(ada)
    const told = await generations(fleet)
    rmSync(join(fleet.folder, 'adopted', 'a.json'))
    restart(fleet, 'a', logging)
    expect(await generations(fleet)).toEqual(told)
  })
})

describe('a flag file of instances with a state', () => {
  // mutation src/transitions.ts: reason: `the ${source} of ${instance} says so` => reason: ''
  it('becomes one generation, however many instances share it, with actor file', async () => {
    const fleet = await runningFleet()
    await fleet.reach(2)
    const flagFile = join(fleet.folder, 'flags.json')
    writeFileSync(flagFile, JSON.stringify(selective(critical)))
    for (const instance of ['a', 'b']) {
      fleet.stop(instance)
      fleet.start(instance, '1', { flagFile })
    }
    const before = await generations(fleet)
    writeFileSync(flagFile, JSON.stringify(logging))
    await until(() =>
      [...fleet.processes.values()].every(({ rollout }) => rollout.snapshot().mode === 'log_only'),
    )
    expect(await generations(fleet)).toEqual([...before, 'adopt file'])
    expect((await fleet.operator.status()).lastChange.reason).toMatch(/^the file of [ab] says so$/)
  })

  it('turns enforcement off and on again, and the stage has its own settings after it', async () => {
    const fleet = await runningFleet()
    await fleet.reach(3)
    const flagFile = join(fleet.folder, 'flags.json')
    const on = { [`${T}ENABLED`]: true, [`${T}MODE`]: 'enforce' }
    writeFileSync(flagFile, JSON.stringify(on))
    for (const instance of ['a', 'b']) {
      fleet.stop(instance)
      fleet.start(instance, '1', { flagFile })
    }
    const positions = () =>
      [...fleet.processes.values()].map(({ rollout }) => rollout.snapshot().enforcement)
    writeFileSync(flagFile, JSON.stringify({ ...on, [`${T}ENABLED`]: false }))
    await until(() => positions().every((position) => position === 'off'))
    expect(await fleet.gate('own_settings')).toMatchObject({ note: 'enforcement is off' })
    writeFileSync(flagFile, JSON.stringify(on))
    await until(() => positions().every((position) => position === 'on'))
    expect(await fleet.gate('own_settings')).toMatchObject({ verdict: 'green' })
    expect((await fleet.operator.status()).latch).toBeUndefined()

    await fleet.operator.removeModel('User', ada)
    writeFileSync(flagFile, JSON.stringify({ ...on, [`${T}ALLOW_BYPASS`]: true }))
    await until(() => fleet.processes.get('b')?.rollout.snapshot().allowBypass === true)
    // The newest word rules: the file enforces every model.
    expect(await fleet.operator.status()).toMatchObject({ mode: 'enforce', removedModels: [] })
  })

  it('closes its own process at once, and its kill switch is no record', async () => {
    const fleet = await runningFleet()
    await fleet.reach(2)
    const flagFile = join(fleet.folder, 'flags.json')
    writeFileSync(flagFile, JSON.stringify(selective(critical)))
    fleet.stop('a')
    const { rollout } = fleet.start('a', '1', { flagFile })
    const closing = { ...selective(critical), PARTYWALL_TENANCY_ENABLED: 'false' }
    writeFileSync(flagFile, JSON.stringify(closing))
    await until(() => rollout.snapshot().killSwitch === 'on')
    const status = await fleet.operator.status()
    expect(status.killSwitch).toBe('off')
    expect(
      status.instances.find(({ state, instance }) => state === 'live' && instance === 'a')
        ?.killSwitch,
    ).toBe('on')
    expect(fleet.processes.get('b')?.rollout.snapshot().killSwitch).toBe('off')
    expect(await fleet.gate('kill_switch')).toMatchObject({ value: 1, verdict: 'amber' })
    await fleet.operator.setKillSwitch('on', ada)
    await fleet.operator.setKillSwitch('off', ada)
    // Off if any source says so.
    await until(() => fleet.processes.get('b')?.rollout.snapshot().killSwitch === 'off')
    expect(rollout.snapshot().killSwitch).toBe('on')
  })

  it('is kept and tried again while its content cannot be recorded', async () => {
    const fleet = await runningFleet()
    await fleet.reach(2)
    const flagFile = join(fleet.folder, 'flags.json')
    writeFileSync(flagFile, JSON.stringify(selective(critical)))
    fleet.stop('a')
    const { rollout } = fleet.start('a', '1', { flagFile })
    const notes = join(fleet.folder, 'adopted')
    rmSync(notes, { recursive: true })
    writeFileSync(notes, 'in the way')
    writeFileSync(flagFile, JSON.stringify(logging))
    await until(() => rollout.problems().some(({ about }) => about === 'adoption'))
    rmSync(notes)
    mkdirSync(notes)
    await until(() => rollout.problems().length === 0)
    expect((await fleet.operator.status()).mode).toBe('log_only')
  })
})

describe('a document whose note cannot be written', () => {
  it('is told once all the same: what was re-armed stays so, also after a restart', async () => {
    const fleet = await runningFleet()
    await fleet.reach(3)
    const flagFile = join(fleet.folder, 'flags.json')
    writeFileSync(flagFile, '{}')
    fleet.stop('a')
    const { rollout } = fleet.start('a', '1', { flagFile })
    const note = join(fleet.folder, 'adopted', 'a.json')
    rmSync(note, { force: true })
    mkdirSync(note)
    writeFileSync(flagFile, JSON.stringify(logging))
    await until(() => rollout.snapshot().rolledBack)
    expect(rollout.problems()).toMatchObject([{ about: 'adoption', code: 'adoption.not_noted' }])
    // It follows the records, so that nothing is missing from the coverage.
    fleet.tick()
    expect((await fleet.operator.status()).missing).toEqual({})
    const { number } = await fleet.operator.rearm(ada)
    await fleet.operator.waitForFleet({ generation: number, timeoutMs: 10_000 })
    // Read again, for another switch: its flags are those that were told.
    writeFileSync(flagFile, JSON.stringify({ ...logging, PARTYWALL_TENANCY_ENABLED: false }))
    await until(() => rollout.snapshot().killSwitch === 'on')
    expect(await fleet.operator.status()).toMatchObject({ mode: 'enforce', generation: number })
    writeFileSync(flagFile, '{}')
    fleet.stop('a')
    const restarted = fleet.start('a', '1', { flagFile })
    writeFileSync(flagFile, JSON.stringify({ ...logging, PARTYWALL_TENANCY_ENABLED: false }))
    await until(() => restarted.rollout.snapshot().killSwitch === 'on')
    expect(await fleet.operator.status()).toMatchObject({ mode: 'enforce', generation: number })
    rmSync(note, { recursive: true })
    writeFileSync(flagFile, JSON.stringify(off))
    await until(() => restarted.rollout.snapshot().enforcement === 'off')
    expect(restarted.rollout.problems()).toEqual([])
  })
})

describe('a document without the master switch', () => {
  const silent: readonly Readonly<Record<string, string>>[] = [
    {},
    { [`${T}LOG_SAMPLE_RATE`]: '0.5' },
    { [`${T}MODE`]: 'log_only' },
    { [`${T}MODE`]: 'disabled', [`${T}ALLOW_BYPASS`]: 'true' },
    { [`${T}ENFORCE_MODELS`]: 'User', [`${T}LOG_MODELS`]: 'all' },
    { PARTYWALL_TENANCY_ENABLED: 'true' },
  ]
  const enforcing = { [`${T}ENABLED`]: 'true', [`${T}MODE`]: 'enforce' }

  // mutation src/adopter.ts: if (always || silent || stageOf(generation()).always) return false => if (always || stageOf(generation()).always) return false
  it('in the environment changes nothing for anybody, at any stage [98]', async () => {
    for (const stage of [1, 3]) {
      const fleet = await runningFleet()
      await fleet.reach(stage)
      const flagFile = join(fleet.folder, 'flags.json')
      writeFileSync(flagFile, JSON.stringify(stage === 1 ? logging : enforcing))
      // Another instance has told the fleet the file before.
      fleet.stop('b')
      fleet.start('b', '1', { flagFile })
      const before = await generations(fleet)
      const { mode } = await fleet.operator.status()
      for (const environment of silent) {
        fleet.stop('a')
        const { rollout } = fleet.start('a', '1', { environment, flagFile })
        expect(rollout.snapshot()).toMatchObject({ enforcement: 'on', mode })
        for (const name of Object.keys(environment).filter((each) => each.startsWith(T))) {
          expect(rollout.snapshot().warnings.join()).toContain(`${name} does nothing`)
        }
      }
      expect(await generations(fleet)).toEqual(before)
      expect(await fleet.operator.status()).toMatchObject({ enforcement: 'on', mode })
    }
  })

  // mutation src/flag-document.ts: if (speaks && !parsed.masterSwitch && problems.length === 0) { => if (speaks && !parsed.masterSwitch && problems.length > 99) {
  it('in the flag file is refused at the start and rejected later, or says nothing [98]', async () => {
    for (const state of ['none', 'shared'] as const) {
      const fleet = await runningFleet()
      if (state === 'shared') await fleet.reach(3)
      const flagFile = join(fleet.folder, 'flags.json')
      writeFileSync(flagFile, JSON.stringify(enforcing))
      fleet.stop('b')
      if (state === 'shared') fleet.start('b', '1', { flagFile, environment: {} })
      for (const content of silent) {
        const says = Object.keys(content).some((name) => name.startsWith(T))
        const start = () =>
          state === 'shared'
            ? fleet.start('a', '1', { flagFile, environment: enforcing }).rollout
            : createRollout({ models: fleetModels, environment: enforcing, flagFile })
        fleet.stop('a')
        const before = await generations(fleet)
        writeFileSync(flagFile, JSON.stringify(content))
        if (says) {
          expect(start).toThrow(expect.objectContaining({ code: 'rollout.invalid_flags' }))
          writeFileSync(flagFile, JSON.stringify(enforcing))
        }
        const rollout = start()
        onTestFinished(() => rollout.close())
        writeFileSync(
          flagFile,
          `${JSON.stringify({ ...content, PARTYWALL_TENANCY_ENABLED: 'false' })}`,
        )
        await until(() => rollout.snapshot().killSwitch === 'on')
        expect(rollout.snapshot()).toMatchObject({ enforcement: 'on', mode: 'enforce' })
        expect(rollout.problems().length).toBe(says ? 1 : 0)
        expect(await generations(fleet)).toEqual(before)
        if (state === 'none') rollout.close()
        writeFileSync(flagFile, JSON.stringify(enforcing))
      }
    }
  })
})

describe('the ratchet', () => {
  function start(fleet: RunningFleet, environment: Record<string, string>, always = false): void {
    createRollout({
      models: fleetModels,
      environment,
      always,
      clock: fleet.now,
      state: {
        folder: fleet.folder,
        instance: 'c',
        release: '1',
        observations: countingObservations(),
      },
    }).close()
  }

  // mutation src/state-ledger.ts: else if (!always && !options.masterSwitch) refuseUnsetSwitch(onRecord) => else if (always) refuseUnsetSwitch(onRecord)
  it('refuses an unset master switch once a blocking stage is on record', async () => {
    const fleet = await runningFleet()
    await fleet.reach(1)
    start(fleet, {})
    await fleet.reach(2)
    const ratchet = expect.objectContaining({ code: 'rollout.ratchet' })
    expect(() => start(fleet, {})).toThrow(ratchet)
    await fleet.operator.rollback(ada)
    expect(() => start(fleet, {})).toThrow(ratchet)
    start(fleet, off)
    start(fleet, {}, true)
  })
})
