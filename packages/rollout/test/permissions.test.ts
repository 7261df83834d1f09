import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { initRollout, openRollout } from '@partywall/rollout'
import { beforeAll, expect, it, onTestFinished } from 'vitest'
import { bundleChild } from './children/bundle.ts'
import { ada, fleetModels } from './running-fleet.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { until } from './until.ts'

// Root may do everything whatever the mode says, unless it gives that right away.
const asRoot = process.getuid?.() === 0
const unprivileged: readonly string[] = asRoot
  ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search']
  : []

const children = { change: '', follow: '' }
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'partywall-child-'))
  children.change = await bundleChild(new URL('./children/change.ts', import.meta.url), folder)
  children.follow = await bundleChild(new URL('./children/follow.ts', import.meta.url), folder)
  return () => rmSync(folder, { recursive: true })
})

function command(...args: readonly string[]): readonly [string, string[]] {
  const [program = '', ...rest] = [...unprivileged, ...args]
  return [program, rest]
}

it('keeps the last good flags while the flag file cannot be read', async () => {
  const path = join(temporaryFolder(), 'flags.json')
  const text = '{"TENANT_ENFORCEMENT_ENABLED":"true","TENANT_ENFORCEMENT_MODE":"enforce"}'
  writeFileSync(path, text)
  const [program, args] = command(process.execPath, children.follow, path)
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += String(chunk)
  })
  await until(() => said === 'started enforce\n')
  chmodSync(path, 0o000)
  // The fault is there.
  expect(spawnSync(...command('cat', path)).status).not.toBe(0)
  await until(() => said.includes('file.unreadable enforce\n'))
  child.stdin.end()
  await until(() => child.exitCode === 0)
})

it('refuses a change, and changes nothing, while the state folder cannot be written', async () => {
  const folder = temporaryFolder()
  await initRollout(folder, { models: fleetModels, instances: ['a'], ...ada })
  const room = join(folder, 'kill-switch')
  const before = readdirSync(room)
  chmodSync(room, 0o555)
  onTestFinished(() => chmodSync(room, 0o755))
  // The fault is there.
  expect(spawnSync(...command('touch', join(room, 'x'))).status).not.toBe(0)
  const [program, args] = command(process.execPath, children.change, folder, 'close', '', '1')
  expect(String(execFileSync(program, args))).toBe('rollout.unwritable\n')
  expect(readdirSync(room)).toEqual(before)
  expect((await (await openRollout(folder)).status()).killSwitch).toBe('off')
})

it('needs no right to keep the head of a chain: the record counts', async () => {
  const folder = temporaryFolder()
  await initRollout(folder, { models: fleetModels, instances: ['a'], ...ada })
  const heads = join(folder, 'heads')
  chmodSync(heads, 0o555)
  onTestFinished(() => chmodSync(heads, 0o755))
  // The fault is there.
  expect(spawnSync(...command('touch', join(heads, 'x'))).status).not.toBe(0)
  const [program, args] = command(process.execPath, children.change, folder, 'close', '', '1')
  expect(String(execFileSync(program, args))).toBe('done 2\n')
  const head = (): unknown => JSON.parse(readFileSync(join(heads, 'kill-switch.json'), 'utf8'))
  expect(head()).toMatchObject({ number: 1 })
  chmodSync(heads, 0o755)
  // Whoever reads it next, and may write, makes up for it.
  expect((await (await openRollout(folder)).status()).killSwitch).toBe('on')
  expect(head()).toMatchObject({ number: 2 })
})
