import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRollout, initRollout, openRollout } from '@partywall/rollout'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createBucketStore } from '../src/buckets.ts'
import { noCounts, sum } from '../src/counts.ts'
import { createFleetReader } from '../src/fleet-report.ts'
import { countingObservations } from './counting-observations.ts'
import { ada, day, fleetModels, hour, type RunningFleet, runningFleet } from './running-fleet.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { until } from './until.ts'

/** Lets the wall clock of everybody but `instance` go on: its report grows old. */
function fallSilent(fleet: RunningFleet, instance: string): void {
  const folder = join(fleet.folder, 'fleet')
  const name = readdirSync(folder).find((each) => each.startsWith(`${instance}~`)) ?? ''
  const { reports } = createFleetReader(folder)()
  const report = reports.find((each) => each.instance === instance)
  fleet.stop(instance)
  const { endedAt: _, ...rest } = { ...report, wallAt: Date.now() - 3_100 }
  writeFileSync(join(folder, name), JSON.stringify(rest))
}

describe('coverage', () => {
  // mutation src/fleet.ts: return replaced || !expected.includes(report.instance) ? 'ended' : 'silent' => return 'ended'
  it('is missing when an instance is silent for more than 3 s, and then nothing is green', async () => {
    const fleet = await runningFleet()
    fleet.hours(48)
    expect((await fleet.check()).verdict).toBe('green')
    fallSilent(fleet, 'b')
    const status = await fleet.operator.status()
    // The fault is there.
    expect(status.instances.find(({ instance }) => instance === 'b')?.state).toBe('silent')
    expect(status.missing).toEqual({ b: 'silent' })
    expect(await fleet.gate('coverage')).toMatchObject({ value: 1, verdict: 'inconclusive' })
    await expect(fleet.operator.advance(ada)).rejects.toMatchObject({ code: 'rollout.not_green' })
    expect(await fleet.operator.waitForFleet({ timeoutMs: 0 })).toMatchObject({
      ok: false,
      laggards: ['b'],
    })
    fleet.start('b', '1')
    expect((await fleet.gate('coverage')).verdict).toBe('green')
    // It is there again; what it saw last is missing until a day has passed.
    expect((await fleet.gate('guard_faults')).note).toContain('b ended without a last report')
    expect((await fleet.check()).verdict).toBe('inconclusive')
    fleet.hours(25)
    expect((await fleet.check()).verdict).toBe('green')
  })

  it('is missing when a report is damaged, from the future, or of another generation', async () => {
    const fleet = await runningFleet()
    fleet.hours(48)
    const folder = join(fleet.folder, 'fleet')
    writeFileSync(join(folder, 'x~1.json'), '{"instance":"x"')
    expect((await fleet.gate('coverage')).note).toBe('x~1.json: its report cannot be read')
    rmSync(join(folder, 'x~1.json'))
    expect((await fleet.check()).verdict).toBe('green')

    for (const [change, why] of [
      [{ wallAt: Date.now() + 60_000 }, 'silent'],
      [{ generationHash: 'x' }, 'runs another generation'],
      [{ killSwitchHash: 'x' }, 'has another kill switch'],
      [{ problems: ['state.gone'] }, 'cannot follow the records: state.gone'],
      [
        { problems: ['file.invalid', 'state.unreadable'] },
        'cannot follow the records: state.unreadable',
      ],
      [{ problems: ['rollout.chain_broken'] }, 'cannot follow the records: rollout.chain_broken'],
      [{ problems: ['rollout.no_state'] }, 'cannot follow the records: rollout.no_state'],
      [{ models: { User: 'CRITICAL' } }, 'declares other models than are on record'],
    ] as const) {
      const own = fleet.processes.get('b')
      fleet.stop('b')
      const { reports } = createFleetReader(folder)()
      const { endedAt: _, ...report } = reports.findLast(({ instance }) => instance === 'b') ?? {}
      for (const name of readdirSync(folder)) {
        if (name.startsWith('b~')) rmSync(join(folder, name))
      }
      writeFileSync(
        join(folder, 'b~1.json'),
        JSON.stringify({ ...report, wallAt: Date.now(), ...change }),
      )
      expect((await fleet.operator.status()).missing).toEqual({ b: why })
      expect((await fleet.check()).verdict).not.toBe('green')
      rmSync(join(folder, 'b~1.json'))
      expect(own).toBeDefined()
      fleet.start('b', '1')
      fleet.hours(1)
    }
  })

  // mutation src/fleet.ts: missing.set(instance, whatIsMissing(own, generation, killSwitch) ?? 'is not expected') => void own
  it('is missing while a process runs that is not expected: nobody would miss it', async () => {
    const fleet = await runningFleet()
    fleet.start('c', '1')
    fleet.hours(48)
    expect(await fleet.gate('coverage')).toMatchObject({
      value: 1,
      verdict: 'inconclusive',
      note: 'c: is not expected',
    })
    expect((await fleet.operator.status()).missing).toEqual({ c: 'is not expected' })
    fleet.stop('c')
    expect((await fleet.check()).verdict).toBe('green')
    fleet.start('c', '1', { models: { User: 'CRITICAL' } })
    const why = 'c: declares other models than are on record'
    expect((await fleet.gate('coverage')).note).toBe(why)
    await fleet.operator.configure({ instances: ['a', 'b', 'c'] }, ada)
    await fleet.operator.waitForFleet({ timeoutMs: 10_000 })
    expect((await fleet.operator.status()).missing).toMatchObject({ c: why.slice(3) })
  })

  it('is asked of the instances that are configured, silent or not', async () => {
    const fleet = await runningFleet()
    fleet.start('c', '1')
    fleet.hours(48)
    fallSilent(fleet, 'c')
    expect((await fleet.gate('coverage')).verdict).toBe('green')
    expect((await fleet.gate('guard_faults')).note).toContain('c ended without a last report')
    await fleet.operator.configure({ instances: ['a', 'b', 'c'] }, ada)
    await fleet.operator.waitForFleet({ timeoutMs: 0 })
    expect((await fleet.gate('coverage')).note).toContain('c: silent')
  })
})

describe('a deployment', () => {
  // mutation src/fleet.ts: let complete = lastOther => let complete = Number.NEGATIVE_INFINITY
  it('counts from when every instance runs it and its predecessors have ended', async () => {
    const fleet = await runningFleet()
    await fleet.reach(1)
    fleet.hours(24, (processes) => processes.get('a')?.seen.violation('User', 'CRITICAL'))
    expect((await fleet.check()).verdict).toBe('red')

    const draining = fleet.processes.get('b')
    fleet.stop('a')
    fleet.start('a', '2')
    fleet.hours(1)
    const half = await fleet.check()
    expect(half.countingSince).toBeUndefined()
    expect(half.release).toBeUndefined()
    // What the old release did still shows: red must not hide behind a deployment.
    expect(half.verdict).toBe('red')

    fleet.start('b', '2')
    expect((await fleet.check()).countingSince).toBeUndefined()
    fleet.hours(1)
    const deployedAt = fleet.now()
    draining?.rollout.close()
    expect(await fleet.check()).toMatchObject({ countingSince: deployedAt, release: '2' })
    fleet.hours(6)
    const check = await fleet.check()
    expect(check.verdict).toBe('green')
    expect(check.gates.find(({ gate }) => gate === 'violation_rate')?.spanMs).toBe(6 * hour)
  })

  // mutation src/fleet.ts: complete = Math.max(complete, Math.min(...starts)) => complete = Math.max(complete, Math.max(...starts))
  it('is not a restart with the same release: that resets nothing, and loses no count', async () => {
    const fleet = await runningFleet()
    await fleet.reach(1)
    const since = (await fleet.check()).countingSince
    fleet.hours(24, (processes) => processes.get('b')?.seen.violation('Role', 'HIGH', 12))
    fleet.stop('b')
    fleet.start('b', '1')
    fleet.hours(1)
    expect((await fleet.check()).countingSince).toBe(since)
    expect(await fleet.gate('violation_rate')).toMatchObject({
      verdict: 'amber',
      spanMs: 24 * hour,
    })
    fallSilent(fleet, 'b')
    fleet.start('b', '1')
    expect((await fleet.check()).countingSince).toBe(since)
    expect((await fleet.gate('violation_rate')).value).toBeGreaterThan(10)
  })

  it('back to an earlier release does not bring its earlier counts back', async () => {
    const fleet = await runningFleet()
    await fleet.reach(1)
    fleet.hours(24, (processes) => processes.get('a')?.seen.violation('User', 'CRITICAL'))
    for (const release of ['2', '1']) {
      for (const instance of ['a', 'b']) {
        fleet.stop(instance)
        fleet.start(instance, release)
      }
      fleet.hours(24)
      expect(await fleet.gate('critical_violations')).toMatchObject({ value: 0, verdict: 'green' })
    }
  })
})

describe('a clock that jumps', () => {
  // mutation src/buckets.ts: const observedMs = Math.min(watchedMs, hourMs) => const observedMs = watchedMs
  it('forwards makes no rate green: only an hour of it was watched', async () => {
    const fleet = await runningFleet()
    await fleet.reach(1)
    fleet.hours(2, (processes) => processes.get('a')?.seen.violation('Role', 'HIGH', 60))
    expect(await fleet.gate('violation_rate')).toMatchObject({ value: 60, verdict: 'amber' })
    fleet.jump(20 * hour)
    fleet.tick()
    expect(await fleet.gate('violation_rate')).toMatchObject({ value: 40, verdict: 'amber' })
    fleet.jump(30 * day)
    fleet.tick()
    expect(await fleet.gate('violation_rate')).toMatchObject({ verdict: 'inconclusive' })
    expect((await fleet.check()).verdict).not.toBe('green')
  })

  // mutation src/fleet-reporter.ts: return Math.ceil(last - before) => return Number.POSITIVE_INFINITY
  it('forwards is not credited where it is the time of day: nothing passed, nothing was watched', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 5) })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    const folder = temporaryFolder()
    await initRollout(folder, { models: fleetModels, instances: ['a'], ...ada })
    const seen = countingObservations()
    const rollout = createRollout({
      models: fleetModels,
      environment: { TENANT_ENFORCEMENT_ENABLED: 'false' },
      state: { folder, instance: 'a', release: '1', observations: seen },
    })
    onTestFinished(() => rollout.close())
    const operator = await openRollout(folder)
    for (let passed = 0; passed < 3 * 24; passed += 1) {
      seen.operations(250)
      vi.setSystemTime(Date.now() + hour)
      rollout.tick()
    }
    const { verdict, gates } = await operator.check()
    expect(verdict).toBe('inconclusive')
    const dwell = gates.find(({ gate }) => gate === 'dwell')
    expect(dwell).toMatchObject({ value: 3, verdict: 'inconclusive' })
    expect(dwell?.note).toContain('only 0.0 days were watched')
    expect(gates.find(({ gate }) => gate === 'guard_faults')?.spanMs).toBeLessThan(hour)
  })

  // mutation src/state-participant.ts: settle: reporter.settle, => settle: reporter.report,
  it('is watched hour by hour by who only settles, and told when somebody asks', async () => {
    const fleet = await runningFleet()
    const folder = join(fleet.folder, 'fleet')
    const files = (): string[] =>
      readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
    const before = files()
    for (let passed = 0; passed < 48; passed += 1) {
      for (const { seen, rollout } of fleet.processes.values()) {
        seen.operations(30)
        rollout.settle()
      }
      fleet.jump(hour)
    }
    expect(files()).toEqual(before)
    fleet.tick()
    expect((await fleet.check()).verdict).toBe('green')
  })

  it('far forwards ends no stage: its days have to be watched', async () => {
    const fleet = await runningFleet()
    fleet.hours(12)
    fleet.jump(40 * hour)
    fleet.tick()
    fleet.hours(1)
    expect((await fleet.gate('dwell')).note).toContain('only 0.6 days were watched')
    expect((await fleet.check()).verdict).toBe('inconclusive')
    fleet.hours(30)
    expect((await fleet.check()).verdict).toBe('green')
  })

  it('backwards makes nothing green, and is over when it has caught up', async () => {
    const fleet = await runningFleet()
    await fleet.reach(1)
    fleet.jump(-10 * day)
    fleet.tick()
    fleet.hours(3)
    const check = await fleet.check()
    expect(check.gates.find(({ gate }) => gate === 'violation_rate')).toMatchObject({
      verdict: 'inconclusive',
      note: 'the clock is behind the record',
    })
    expect(check.gates.every(({ spanMs }) => spanMs >= -10 * day)).toBe(true)
    fleet.hours(12 * 24)
    expect((await fleet.check()).verdict).toBe('green')
  })
})

describe('time in which tenancy is off', () => {
  // mutation src/buckets.ts: const watchedMs = closed ? 0 : => const watchedMs =
  it('proves nothing about the others: it is not watched', async () => {
    const fleet = await runningFleet()
    await fleet.reach(1)
    fleet.hours(2)
    const { number } = await fleet.operator.setKillSwitch('on', ada)
    await fleet.operator.waitForFleet({ killSwitchRecord: number, timeoutMs: 10_000 })
    fleet.hours(40)
    expect((await fleet.gate('violation_rate')).spanMs).toBe(0)
    await fleet.operator.setKillSwitch('off', ada)
    await fleet.operator.waitForFleet({ timeoutMs: 10_000 })
    expect((await fleet.check()).verdict).toBe('inconclusive')
    fleet.hours(25)
    expect((await fleet.check()).verdict).toBe('green')
  })
})

describe('the buckets of a process', () => {
  it('lose nothing of the generation in force and stay few, whatever it lives through', () => {
    const store = createBucketStore()
    let total = noCounts
    for (let passed = 0; passed < 200 * 24; passed += 1) {
      total = sum(total, { ...noCounts, guarded: 3, operations: 2, models: { Role: [1, 0, 0] } })
      const generation = passed < 100 ? 'one' : 'two'
      store.settle(total, { now: passed * hour, generation, passedMs: hour, closed: false })
    }
    const buckets = store.buckets()
    expect(buckets.length).toBeLessThanOrEqual(60 + 50)
    const current = buckets.filter(({ generation }) => generation === 'two')
    const all = current.reduce((counts, bucket) => sum(counts, bucket.counts), noCounts)
    expect(all).toMatchObject({ guarded: 3 * 4_700, models: { Role: [4_700, 0, 0] } })
    const slices = store.slices()
    expect(slices.reduce((operations, slice) => operations + slice.operations, 0)).toBe(9_600)
  })

  it('keep as many slices as the largest sample needs', () => {
    const store = createBucketStore()
    let total = noCounts
    for (let tick = 0; tick < 5_000; tick += 1) {
      total = sum(total, { ...noCounts, operations: 40, operationsBlocked: 1 })
      store.settle(total, { now: tick * 500, generation: 'one', passedMs: 500, closed: false })
    }
    const covered = store.slices().reduce((operations, slice) => operations + slice.operations, 0)
    expect(covered).toBeGreaterThanOrEqual(10_000)
    expect(covered).toBeLessThan(11_000)
    expect(store.slices().length).toBeLessThan(60)
  })
})

describe('a state folder that fails while a process runs', () => {
  it('changes nothing, is told, and is followed again when it is back', async () => {
    const fleet = await runningFleet()
    await fleet.reach(2)
    const { rollout } = fleet.processes.get('a') ?? {}
    if (rollout === undefined) throw new Error('a runs')
    const before = rollout.snapshot()
    renameSync(fleet.folder, `${fleet.folder}.away`)
    fleet.tick()
    await until(() => rollout.problems().length === 2)
    expect(
      rollout
        .problems()
        .map(({ code }) => code)
        .sort(),
    ).toEqual(['fleet.unwritable', 'state.gone'])
    expect(rollout.snapshot()).toBe(before)
    renameSync(`${fleet.folder}.away`, fleet.folder)
    await fleet.operator.rollback(ada)
    await until(() => rollout.snapshot().rolledBack)
    fleet.tick()
    expect(rollout.problems()).toEqual([])
  })

  it('does not take over a record that was written by hand, and says so', async () => {
    const fleet = await runningFleet()
    const { rollout } = fleet.processes.get('a') ?? {}
    const forged = join(fleet.folder, 'generations', '00000002.json')
    writeFileSync(forged, '{"flags":{"enabled":false}}')
    await until(() => rollout?.problems()[0]?.code === 'rollout.chain_broken')
    expect(rollout?.snapshot().generation).toBe(1)
    await expect(fleet.operator.status()).rejects.toMatchObject({ code: 'rollout.chain_broken' })
  })
})
