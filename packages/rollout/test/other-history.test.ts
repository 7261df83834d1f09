import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openRollout, type Rollout } from '@partywall/rollout'
import { describe, expect, it } from 'vitest'
import { backUp } from './backup.ts'
import { ada, type RunningFleet, runningFleet } from './running-fleet.ts'
import { until } from './until.ts'

const rollouts = (fleet: RunningFleet): readonly Rollout[] =>
  [...fleet.processes.values()].map(({ rollout }) => rollout)
const positions = (fleet: RunningFleet): readonly string[] =>
  rollouts(fleet).map((rollout) => rollout.snapshot().killSwitch)
const codes = (rollout: Rollout): readonly string[] => rollout.problems().map(({ code }) => code)
const soon = { timeoutMs: 10_000 }

/** Makes the last report of a process that ended look like one of a process that runs. */
function revive(path: string): void {
  const { endedAt: _, ...report } = JSON.parse(readFileSync(path, 'utf8'))
  writeFileSync(path, JSON.stringify({ ...report, wallAt: Date.now() }))
}

describe('records of the kill switch that were put back from a backup', () => {
  // mutation src/chain.ts: else if (!stands(last)) return readAfresh(last, fault) => else if (reached.length === 0) return readAfresh(last, fault)
  it('close whoever followed newer ones as soon as they say on, and only then is it confirmed', async () => {
    const fleet = await runningFleet()
    const restore = backUp(fleet.folder)
    await fleet.operator.setKillSwitch('on', ada)
    await fleet.operator.setKillSwitch('off', ada)
    await fleet.operator.waitForFleet(soon)
    restore()
    const { number } = await fleet.operator.setKillSwitch('on', ada)
    const waited = await fleet.operator.waitForFleet({ killSwitchRecord: number, ...soon })
    expect(waited.ok).toBe(true)
    expect(positions(fleet)).toEqual(['on', 'on'])
    await fleet.operator.setKillSwitch('off', ada)
    await until(() => positions(fleet).every((position) => position === 'off'))
    expect((await fleet.operator.status()).missing).toEqual({})
  })

  // mutation src/fleet-wait.ts: return wanted === 0 || (numbers.get(applied) ?? 0) >= wanted => return wanted === 0 || applied.length >= wanted
  it('are not confirmed by an instance that reports another record of the same number', async () => {
    const fleet = await runningFleet()
    const restore = backUp(fleet.folder)
    const { number } = await fleet.operator.setKillSwitch('on', ada)
    await fleet.operator.waitForFleet({ killSwitchRecord: number, ...soon })
    for (const { close } of rollouts(fleet)) close()
    // What they reported last, as if they were still alive and followed nothing.
    const fleetFolder = join(fleet.folder, 'fleet')
    for (const name of readdirSync(fleetFolder)) revive(join(fleetFolder, name))
    restore()
    await fleet.operator.setKillSwitch('on', { ...ada, reason: 'another one' })
    const waited = await fleet.operator.waitForFleet({ killSwitchRecord: number, timeoutMs: 0 })
    expect(waited).toMatchObject({ ok: false, laggards: ['a', 'b'] })
    expect((await fleet.operator.status()).missing).toEqual({
      a: 'has another kill switch',
      b: 'has another kill switch',
    })
  })

  // mutation src/state-ledger.ts: staysClosed = elsewhere !== undefined && wasClosed && next.killSwitch === 'off' => staysClosed = false
  it('open nobody who was closed, until a newer one says off', async () => {
    const fleet = await runningFleet()
    const restore = backUp(fleet.folder)
    await fleet.operator.setKillSwitch('on', ada)
    await until(() => positions(fleet).every((position) => position === 'on'))
    restore()
    await until(() => rollouts(fleet).every((each) => codes(each).includes('rollout.chain_broken')))
    expect(positions(fleet)).toEqual(['on', 'on'])
    expect(rollouts(fleet)[0]?.problems()[0]?.message).toContain('put the switch on and off again')
    fleet.tick()
    const status = await fleet.operator.status()
    expect(status.killSwitch).toBe('off')
    const why = 'cannot follow the records: rollout.chain_broken'
    expect(status.missing).toEqual({ a: why, b: why })
    expect(await fleet.gate('kill_switch')).toMatchObject({ value: 2, verdict: 'amber' })
    await fleet.operator.setKillSwitch('on', ada)
    await fleet.operator.waitForFleet(soon)
    expect(positions(fleet)).toEqual(['on', 'on'])
    await fleet.operator.setKillSwitch('off', ada)
    await until(() => positions(fleet).every((position) => position === 'off'))
    await until(() => rollouts(fleet).every((each) => each.problems().length === 0))
  })

  it('are confirmed although the generations cannot be followed', async () => {
    const fleet = await runningFleet()
    const restore = backUp(fleet.folder)
    await fleet.operator.configure({ logSampleRate: 0.5 }, ada)
    await fleet.operator.waitForFleet(soon)
    restore()
    const { number } = await fleet.operator.setKillSwitch('on', ada)
    const waited = await fleet.operator.waitForFleet({ killSwitchRecord: number, ...soon })
    expect(waited.ok).toBe(true)
    expect(positions(fleet)).toEqual(['on', 'on'])
    const all = await fleet.operator.waitForFleet({ timeoutMs: 0 })
    expect(all).toMatchObject({ ok: false, laggards: ['a', 'b'] })
  })
})

describe('generations that were put back from a backup', () => {
  // mutation src/fleet.ts: if (live.some((report) => report.generationHash !== generation.hash)) { => if (live.some((report) => report.generation !== generation.number)) {
  it('are not followed by running instances, and nothing is green until they are restarted', async () => {
    const fleet = await runningFleet(1_000)
    await fleet.reach(3)
    const restore = backUp(fleet.folder)
    await fleet.operator.rollback(ada)
    await fleet.operator.waitForFleet(soon)
    restore()
    const operator = await openRollout(fleet.folder, { clock: fleet.now })
    await operator.configure({ logSampleRate: 0.5 }, ada)
    await until(() => rollouts(fleet).every((each) => codes(each).includes('rollout.chain_broken')))
    fleet.hours(26)
    // The same number, other settings.
    const { generation } = await operator.status()
    for (const rollout of rollouts(fleet)) {
      expect(rollout.snapshot()).toMatchObject({ generation, mode: 'log_only' })
    }
    expect((await operator.status()).mode).toBe('enforce')
    expect(await fleet.gate('coverage')).toMatchObject({
      value: 2,
      verdict: 'inconclusive',
      note: 'a: runs another generation; b: runs another generation',
    })
    expect((await operator.check()).verdict).not.toBe('green')
    for (const instance of ['a', 'b']) {
      fleet.stop(instance)
      fleet.start(instance, '1')
    }
    expect(rollouts(fleet).map((rollout) => rollout.snapshot().mode)).toEqual([
      'enforce',
      'enforce',
    ])
    expect(await fleet.gate('coverage')).toMatchObject({ verdict: 'green' })
    // What was counted under the settings that are no more proves nothing about these.
    expect(await fleet.gate('false_positives')).toMatchObject({ samples: 0 })
    fleet.hours(26)
    expect((await operator.check()).verdict).toBe('green')
  })
})
