import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readdirSync, rmSync } from 'node:fs'
import { text as readAll } from 'node:stream/consumers'
import { runCli } from '@partywall/cli'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { bundlePrograms, type Programs } from './fixtures/bundle.ts'
import { createWorld, environments, type Instance, type World } from './fixtures/world.ts'

const timeout = 60_000
const by = ['--actor', 'alice', '--reason', 'ticket 4711'] as const

let programs: Programs
beforeAll(async () => {
  programs = await bundlePrograms()
}, timeout)
afterAll(() => programs.remove())

let world: World
beforeEach(async () => {
  world = await createWorld({ programs })
  return () => world.remove()
})

/** A rollout at the green end of stage 0. */
async function prepared(): Promise<readonly Instance[]> {
  await world.cli('rollout', 'init', ...by)
  const setup = { environment: environments[0] }
  const fleet = [await world.start('api-1', setup), await world.start('api-2', setup)]
  await world.pass(48, fleet)
  return fleet
}

function records(room: string): number {
  return readdirSync(world.path('state', room)).filter((name) => name.endsWith('.json')).length
}

async function until(what: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 15_000
  while (!(await what())) {
    if (Date.now() > deadline) throw new Error('it did not come true within 15 s')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

it('runs as a program, with the exit codes that it documents', { timeout }, async () => {
  const real = { realClock: true }
  expect(await world.spawn(['--help'], real)).toMatchObject({ code: 0, stderr: '' })
  expect(await world.spawn(['nonsense'], real)).toMatchObject({ code: 2, stdout: '' })
  expect((await world.spawn(['rollout', 'status'], real)).code).toBe(2)
  expect((await world.spawn(['rollout', 'init', ...by], real)).code).toBe(0)
  expect((await world.spawn(['rollout', 'init', ...by], real)).code).toBe(3)
  expect((await world.spawn(['rollout', 'check'], real)).code).toBe(1)
  const late = await world.spawn(['kill', 'on', ...by, '--wait', '1'], real)
  expect(late.code).toBe(4)
  expect(late.stdout).toMatch(/not applied after \d+ ms by: api-1, api-2/)
  const json = await world.spawn(['rollout', 'history', '--json'], real)
  expect(JSON.parse(json.stdout)).toMatchObject({ command: 'rollout history', exitCode: 0 })
})

it('tells the second of two operators that somebody was faster', { timeout }, async () => {
  await prepared()
  const before = records('generations')
  let calls = 0
  let others: { readonly status: number | null } | undefined
  const told: string[] = []
  const out = { write: (text: string) => told.push(text) }
  const code = await runCli(['rollout', 'advance', ...by], {
    environment: { PARTYWALL_CONFIG: world.config },
    stdout: out,
    stderr: out,
    cwd: world.folder,
    // Asked when the record was read and nothing is written yet: here the other one comes.
    clock() {
      if (calls === 1) {
        others = spawnSync(process.execPath, [programs.partywallAt, 'rollout', 'advance', ...by], {
          cwd: world.folder,
          env: { PARTYWALL_CONFIG: world.config, PARTYWALL_TEST_CLOCK: world.clockFile },
        })
      }
      calls += 1
      return world.now()
    },
  })
  expect(others?.status).toBe(0)
  expect(code).toBe(3)
  expect(told.join('').replace(/\s+/g, ' ')).toContain('by somebody else in the meantime')
  expect(records('generations')).toBe(before + 1)
})

it('lets one of many operators win, whoever is asked at the same moment', { timeout }, async () => {
  await prepared()
  const racers = Array.from({ length: 4 }, (_, index) =>
    world.spawn(['rollout', 'advance', '--actor', `operator-${index}`, '--reason', 'race']),
  )
  const codes = (await Promise.all(racers)).map(({ code }) => code)
  expect(codes.filter((code) => code === 0)).toHaveLength(1)
  for (const code of codes) expect([0, 1, 3]).toContain(code)
  expect(records('generations')).toBe(2)
})

it('names an instance that falls silent, waits for it, and sees it come back', {
  timeout,
}, async () => {
  const fleet = await prepared()
  const [, second] = fleet
  expect((await world.cli('rollout', 'check')).code).toBe(0)
  second?.process.kill('SIGSTOP')
  try {
    await until(async () => (await world.cli('rollout', 'check')).code === 1)
    const check = await world.cli('rollout', 'check')
    expect(check.stdout).toContain('INCONCLUSIVE')
    expect(check.stdout).toContain('api-2: silent')
    expect((await world.cli('rollout', 'advance', ...by)).code).toBe(1)
    const doctor = await world.cli('doctor')
    expect(doctor.code).toBe(1)
    expect(doctor.stdout).toContain('instance api-2: silent')
    const kill = await world.spawn(['kill', 'on', ...by, '--wait', '1'])
    expect(kill.code).toBe(4)
    expect(kill.stdout).toMatch(/by: api-2\n/)
  } finally {
    second?.process.kill('SIGCONT')
  }
  await until(async () => !(await world.cli('rollout', 'status')).stdout.includes('silent'))
  expect((await world.spawn(['kill', 'off', ...by, '--wait', '10'])).code).toBe(0)
})

it('says that a folder is read-only, and changes nothing', { timeout }, async () => {
  await world.cli('rollout', 'init', ...by)
  const kills = world.path('state', 'kill-switch')
  const logs = world.path('violations')
  for (const folder of [kills, logs]) chmodSync(folder, 0o555)
  try {
    // The fault has to be there, also for root.
    expect(unprivileged('touch', `${kills}/probe`).status).not.toBe(0)
    const command = [process.execPath, programs.partywallAt]
    const kill = unprivileged(...command, 'kill', 'on', ...by)
    expect(kill.stderr.replace(/\s+/g, ' ')).toMatch(/cannot be written.*EACCES/)
    expect(kill.status).toBe(2)
    expect(records('kill-switch')).toBe(1)
    const doctor = unprivileged(...command, 'doctor')
    expect(doctor.status).toBe(1)
    expect(doctor.stdout).toContain('the folder of the violation logs cannot be written (EACCES)')
  } finally {
    for (const folder of [kills, logs]) chmodSync(folder, 0o755)
  }
})

/** Runs a program without root's right to ignore modes. */
function unprivileged(...argv: readonly string[]): SpawnSyncReturns<string> {
  const drop = ['--bounding-set=-dac_override,-dac_read_search']
  const [file = '', ...rest] = process.getuid?.() === 0 ? ['setpriv', ...drop, ...argv] : argv
  return spawnSync(file, rest, {
    encoding: 'utf8',
    cwd: world.folder,
    env: {
      PATH: process.env['PATH'],
      PARTYWALL_CONFIG: world.config,
      PARTYWALL_TEST_CLOCK: world.clockFile,
    },
  })
}

it('never calls a change refused that is on record', { timeout }, async () => {
  await world.cli('rollout', 'init', ...by)
  rmSync(world.path('state', 'fleet'), { recursive: true })
  expect((await world.cli('rollout', 'status')).code).not.toBe(0)
  const kill = await world.cli('kill', 'on', ...by, '--wait', '1')
  expect(kill.code).toBe(4)
  expect(kill.stdout).toContain('The change is on record')
  expect(records('kill-switch')).toBe(2)
  const changed = await world.cli(
    'rollout',
    'configure',
    '--days',
    '3',
    '8',
    '6',
    '12',
    ...by,
    '--json',
  )
  expect(changed.code).toBe(4)
  expect(JSON.parse(changed.stdout).result).toMatchObject({
    generation: 2,
    change: 'configure',
    actor: 'alice',
    unread: expect.any(String),
  })
  expect(records('generations')).toBe(2)
})

it('stops quietly when nobody reads any more', { timeout }, async () => {
  await world.cli('rollout', 'init', ...by)
  const child = spawn(process.execPath, [programs.partywall, 'rollout', 'history'], {
    cwd: world.folder,
    env: { PARTYWALL_CONFIG: world.config },
  })
  child.stdout.destroy()
  const ended = once(child, 'close')
  expect(await readAll(child.stderr)).toBe('')
  await ended
  expect(child.signalCode).toBeNull()
})

it('is in colour on a terminal only', { timeout }, async () => {
  await world.cli('rollout', 'init', ...by)
  const told: string[] = []
  const terminal = { write: (text: string) => told.push(text), isTTY: true }
  const options = { stdout: terminal, stderr: terminal, cwd: world.folder, clock: world.now }
  const environment = { PARTYWALL_CONFIG: world.config }
  await runCli(['rollout', 'check'], { ...options, environment })
  expect(told.join('')).toContain('\u001b[')
  told.length = 0
  await runCli(['rollout', 'check'], { ...options, environment: { ...environment, NO_COLOR: '1' } })
  expect(told.join('')).not.toContain('\u001b[')
  const piped = await world.spawn(['rollout', 'check'])
  expect(piped.stdout).not.toContain('\u001b[')
})
