import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRollout, initRollout, openRollout } from '@partywall/rollout'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bundleChild } from './children/bundle.ts'
import { countingObservations } from './counting-observations.ts'
import { ada, fleetModels, type RunningFleet, runningFleet } from './running-fleet.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { until } from './until.ts'

const broken = { code: 'rollout.chain_broken' }

function newestOf(fleet: RunningFleet, room: string): string {
  const name = readdirSync(join(fleet.folder, room)).sort().at(-1)
  if (name === undefined) throw new Error(`${room} is empty`)
  return join(fleet.folder, room, name)
}

/** A new process, that would start without anything of its own to say. */
function start(fleet: RunningFleet): void {
  const environment = { TENANT_ENFORCEMENT_ENABLED: 'true', TENANT_ENFORCEMENT_MODE: 'enforce' }
  const state = { instance: 'c', release: '1', observations: countingObservations() }
  createRollout({
    models: fleetModels,
    environment,
    clock: fleet.now,
    state: { folder: fleet.folder, ...state },
  }).close()
}

const killSwitches = (fleet: RunningFleet): readonly string[] =>
  [...fleet.processes.values()].map(({ rollout }) => rollout.snapshot().killSwitch)

const damages: readonly (readonly [what: string, damage: (path: string) => void])[] = [
  ['lost', (path) => rmSync(path)],
  ['half written', (path) => writeFileSync(path, readFileSync(path, 'utf8').slice(0, 40))],
  ['changed by hand', (path) => writeFileSync(path, '{"stage": 0}')],
]

describe('closing', () => {
  for (const [what, damage] of damages) {
    // mutation src/operator.ts: position === 'on' ? readKillSwitch(state) : => position === undefined ? readKillSwitch(state) :
    it(`is not vetoed by a generation, a report, a note or a ruling that is ${what}`, async () => {
      const fleet = await runningFleet()
      await fleet.reach(2)
      damage(newestOf(fleet, 'generations'))
      damage(newestOf(fleet, 'fleet'))
      writeFileSync(join(fleet.folder, 'adopted', 'a.json'), '{"environment":')
      writeFileSync(join(fleet.folder, 'triage', '00000001.json'), '[]')
      const operator = await openRollout(fleet.folder, { clock: fleet.now })
      await expect(operator.status()).rejects.toMatchObject(broken)
      expect(await operator.setKillSwitch('on', ada)).toMatchObject({ killSwitch: 'on', number: 2 })
      await until(() => killSwitches(fleet).every((position) => position === 'on'))
      // Opening may wait until everything is in order.
      await expect(operator.setKillSwitch('off', ada)).rejects.toMatchObject(broken)
      expect(() => start(fleet)).toThrow(expect.objectContaining(broken))
    })
  }

  it('is refused where the records of the kill switch are damaged, and says which', async () => {
    for (const [, damage] of damages) {
      const fleet = await runningFleet()
      await fleet.operator.setKillSwitch('on', ada)
      damage(newestOf(fleet, 'kill-switch'))
      await expect(fleet.operator.setKillSwitch('on', ada)).rejects.toMatchObject({
        ...broken,
        message: expect.stringMatching(/^record 2 of the chain kill-switch: /),
      })
      expect(() => start(fleet)).toThrow(expect.objectContaining(broken))
    }
  })
})

describe('a running process', () => {
  // mutation src/state-ledger.ts: for (const follow of [followKillSwitch, followGenerations]) { => for (const follow of [followKillSwitch]) {
  it('follows the generations while the kill switch is damaged, keeps it, and says so', async () => {
    const fleet = await runningFleet()
    await fleet.reach(2)
    const { rollout } = fleet.start('a', '1')
    await fleet.operator.setKillSwitch('on', ada)
    await until(() => rollout.snapshot().killSwitch === 'on')
    const next = join(fleet.folder, 'kill-switch', '00000003.json')
    writeFileSync(next, '{"killSwitch": "off"}')
    await until(() => rollout.problems()[0]?.code === 'rollout.chain_broken')
    expect(rollout.problems()[0]?.message).toMatch(/record 3 of the chain kill-switch/)
    rmSync(next)
    await fleet.operator.rollback(ada)
    writeFileSync(next, 'null')
    await until(() => rollout.snapshot().rolledBack)
    expect(rollout.snapshot().killSwitch).toBe('on')
    rmSync(next)
    await until(() => rollout.problems().length === 0)
  })

  // mutation src/state-ledger.ts: killSwitch = next => if (fault === undefined) killSwitch = next
  it('closes by a good record although the one behind it is damaged', async () => {
    const fleet = await runningFleet()
    const { rollout } = fleet.processes.get('a') ?? {}
    // Out of its sight, so that it finds both at once.
    const away = `${fleet.folder}.away`
    renameSync(fleet.folder, away)
    await (await openRollout(away, { clock: fleet.now })).setKillSwitch('on', ada)
    writeFileSync(join(away, 'kill-switch', '00000003.json'), 'null')
    renameSync(away, fleet.folder)
    await until(() => rollout?.snapshot().killSwitch === 'on')
    await until(() => rollout?.problems().some(({ code }) => code === broken.code) ?? false)
  })
})

describe('a newest record that was lost', () => {
  it('is never read as "off", as an earlier stage or as no ratchet, until it is back', async () => {
    const fleet = await runningFleet()
    await fleet.reach(2)
    await fleet.operator.setKillSwitch('on', ada)
    await until(() => killSwitches(fleet).every((position) => position === 'on'))
    for (const room of ['kill-switch', 'generations']) {
      const path = newestOf(fleet, room)
      const backup = readFileSync(path, 'utf8')
      rmSync(path)
      expect(() => start(fleet)).toThrow(expect.objectContaining(broken))
      await expect(fleet.operator.status()).rejects.toMatchObject(broken)
      await expect(fleet.operator.setKillSwitch('off', ada)).rejects.toMatchObject(broken)
      for (const { rollout } of fleet.processes.values()) {
        await until(() => rollout.problems().some(({ about }) => about === 'state'))
        expect(rollout.snapshot()).toMatchObject({ killSwitch: 'on', mode: 'selective' })
      }
      writeFileSync(path, backup)
      await until(() =>
        [...fleet.processes.values()].every(({ rollout }) => rollout.problems().length === 0),
      )
      start(fleet)
    }
    expect(await fleet.operator.status()).toMatchObject({ killSwitch: 'on', stage: 2 })
  })

  it('is noticed by a process that never saw it', async () => {
    const fleet = await runningFleet()
    const { rollout } = fleet.processes.get('a') ?? {}
    const head = join(fleet.folder, 'heads', 'kill-switch.json')
    const { hash } = JSON.parse(readFileSync(head, 'utf8'))
    writeFileSync(head, JSON.stringify({ number: 2, hash }))
    await until(() => rollout?.problems()[0]?.code === 'rollout.chain_broken')
    expect(rollout?.problems()[0]?.message).toMatch(
      /record 2 of the chain kill-switch: it is missing/,
    )
  })

  // mutation src/chain.ts: if (last !== undefined && last.number !== head?.number) raiseHead(headPath, last) => if (last === undefined) raiseHead(headPath, last)
  it('is known by whoever followed it, although its writer died before it kept the head', async () => {
    const fleet = await runningFleet()
    const head = join(fleet.folder, 'heads', 'kill-switch.json')
    const before = readFileSync(head, 'utf8')
    await fleet.operator.setKillSwitch('on', ada)
    writeFileSync(head, before)
    fleet.stop('a')
    fleet.stop('b')
    await fleet.operator.status()
    expect(JSON.parse(readFileSync(head, 'utf8'))).toMatchObject({ number: 2 })
  })
})

describe('a record that is there and damaged, where an instance would write one', () => {
  // mutation src/watch-folder.ts: if (name?.endsWith('.draft')) return => void name
  it('does not keep the instance busy: it tells of the damage, and its other work goes on', {
    timeout: 60_000,
  }, async () => {
    const folder = temporaryFolder()
    const bundled = temporaryFolder()
    const child = await bundleChild(new URL('./children/live.ts', import.meta.url), bundled)
    const models = { User: 'CRITICAL', Role: 'HIGH' } as const
    await initRollout(folder, { models, instances: ['a'], ...ada })
    const flagFile = join(bundled, 'flags.json')
    writeFileSync(flagFile, '{"TENANT_ENFORCEMENT_ENABLED":false}')
    const running = spawn(process.execPath, [child, folder, flagFile], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    onTestFinished(() => void running.kill('SIGKILL'))
    let said = ''
    running.stdout.on('data', (chunk) => {
      said += String(chunk)
    })
    await until(() => said.includes('alive'))
    const next = readdirSync(join(folder, 'generations')).length + 1
    writeFileSync(join(folder, 'generations', `${String(next).padStart(8, '0')}.json`), '{"stage"')
    await until(() => said.includes('rollout.chain_broken'))
    // The fault is there; now it wants to bring something on record.
    writeFileSync(
      flagFile,
      '{"TENANT_ENFORCEMENT_ENABLED":true,"TENANT_ENFORCEMENT_MODE":"log_only"}',
    )
    await until(() => said.endsWith('alive\n'))
    said = ''
    // Longer than the poll takes to find the file.
    await until(() => said.length > 'alive\n'.length * 100)
    running.stdin.end()
    await until(() => running.exitCode === 0)
  })
})
