import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { type LauncherTree, type Launching, launcherTree } from './launcher-tree.ts'
import { running, until } from './running-processes.ts'

/** What the children of this file sleep for, so that they are told from everybody else's. */
const seconds = `6${process.pid}`
/** A child, one that left its group, one that cannot be asked to end; and a file. */
const family = `sleep ${seconds} & setsid sleep ${seconds} & (trap '' TERM INT; sleep ${seconds}; sleep ${seconds}) & touch "$TMPDIR/file"`
const timeout = 60_000

afterEach(() => until(() => killed(seconds)))

/** Ends what a test left that failed; whether nothing was there any more. */
function killed(text: string): boolean {
  const left = running(text)
  for (const id of left) process.kill(id, 'SIGKILL')
  return left.length === 0
}

/** Starts a command of the launcher, and waits until all of its family is there. */
async function startFamily(
  tree: LauncherTree,
  what: 'demo' | 'check' = 'check',
): Promise<Launching> {
  tree.pnpm({ check: `${family}; wait` })
  tree.example(`${family}; wait`)
  const launching = tree.start(['launch.mjs', what])
  await untilThere(tree)
  return launching
}

async function untilThere(tree: LauncherTree): Promise<void> {
  await until(() => running(seconds).length === 3 && filesOf(tree).includes('file'))
}

function filesOf({ temporary }: LauncherTree): readonly string[] {
  return readdirSync(temporary, { recursive: true, encoding: 'utf8' }).map(
    (path) => path.split('/').at(-1) ?? '',
  )
}

function expectNothingLeft(tree: LauncherTree): void {
  expect(running(seconds)).toEqual([])
  expect(running(join(tree.root, 'scripts/launch.mjs'))).toEqual([])
  expect(tree.left()).toEqual([])
}

describe.runIf(process.platform === 'linux')('the launcher leaves no process and no file', () => {
  for (const [signal, whom, code, what] of [
    ['SIGINT', 'to it alone', 130, 'check'],
    ['SIGINT', 'to it and its group', 130, 'check'],
    ['SIGINT', 'to it and its group', 130, 'demo'],
    ['SIGTERM', 'to it alone', 143, 'check'],
    ['SIGTERM', 'to it and its group', 143, 'demo'],
    ['SIGHUP', 'to it and its group', 129, 'check'],
  ] as const) {
    it(`at ${signal} ${whom} during npm ${what === 'demo' ? 'run demo' : 'test'}`, {
      timeout,
    }, async () => {
      const tree = launcherTree()
      const { child, ended } = await startFamily(tree, what)
      process.kill(whom === 'to it alone' ? (child.pid ?? 0) : -(child.pid ?? 0), signal)
      expect(await ended).toMatchObject({ code })
      expectNothingLeft(tree)
    })
  }

  it('at the second Ctrl-C of somebody who does not wait', { timeout }, async () => {
    const tree = launcherTree()
    const { child, ended } = await startFamily(tree)
    process.kill(-(child.pid ?? 0), 'SIGINT')
    process.kill(-(child.pid ?? 0), 'SIGINT')
    expect(await ended).toMatchObject({ code: 130 })
    expectNothingLeft(tree)
  })

  it('when a command fails that has children', { timeout }, async () => {
    const tree = launcherTree()
    tree.pnpm({ check: `${family}; exit 3` })
    expect(await tree.launch(['launch.mjs', 'check'])).toMatchObject({ code: 3 })
    expectNothingLeft(tree)
  })

  it('when a command is killed that has children', { timeout }, async () => {
    const tree = launcherTree()
    tree.pnpm({ check: `${family}; kill -9 $$` })
    expect(await tree.launch(['launch.mjs', 'check'])).toMatchObject({ code: 128 })
    expectNothingLeft(tree)
  })

  it('when a quiet step fails that has children', { timeout }, async () => {
    const tree = launcherTree()
    tree.pnpm({ install: `${family}; echo no network >&2; exit 1` })
    const { code, stderr } = await tree.launch(['launch.mjs', 'check'])
    expect(code).toBe(1)
    expect(stderr).toBe(
      'no network\npnpm could not install the dependencies: look at its message above.\n',
    )
    expect(tree.asked()).toHaveLength(1)
    expectNothingLeft(tree)
  })

  it('when whoever started it is killed', { timeout }, async () => {
    const tree = launcherTree()
    tree.pnpm({ check: `${family}; wait` })
    const launcher = join(tree.root, 'scripts/launch.mjs')
    onTestFinished(() => until(() => killed(launcher)))
    const npm = spawn('/bin/sh', ['-c', '"$0" "$1" check & wait', process.execPath, launcher], {
      env: { PATH: process.env['PATH'], TMPDIR: tree.temporary },
      stdio: 'ignore',
    })
    await untilThere(tree)
    npm.kill('SIGKILL')
    await once(npm, 'exit')
    await until(() => running(launcher).length === 0)
    expectNothingLeft(tree)
  })

  it('at its next start, once it was killed and its children have ended', { timeout }, async () => {
    const tree = launcherTree()
    const { child } = await startFamily(tree)
    child.kill('SIGKILL')
    await once(child, 'exit')
    // Nobody could clean up.
    const left = tree.left()
    expect(left).toHaveLength(1)
    expect(running(seconds)).toHaveLength(3)

    tree.pnpm({})
    await tree.launch(['launch.mjs', 'check'])
    // Somebody may still need it.
    expect(tree.left()).toEqual(left)

    await until(() => killed(seconds))
    // The shell that waited for them ends behind them.
    await until(() => running(tree.pnpmPath).length === 0)
    await tree.launch(['launch.mjs', 'check'])
    expectNothingLeft(tree)
  })
})
