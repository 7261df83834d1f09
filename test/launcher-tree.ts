import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const real = fileURLToPath(new URL('..', import.meta.url))

/** What a command of the launcher came to. */
export interface Launched {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A command of the launcher on its way. */
export interface Launching {
  readonly child: ChildProcess
  readonly ended: Promise<Launched>
}

/** A checkout with the real scripts, whose pnpm is a shell script of the test. */
export interface LauncherTree {
  readonly root: string
  readonly temporary: string
  readonly pnpmPath: string
  /** What is left in the folder for temporary files. */
  left(): readonly string[]
  /** What pnpm was asked to do so far, a line for each time. */
  asked(): readonly string[]
  /** Makes pnpm do this in shell: `install` and `check` are functions. */
  pnpm(body: { readonly install?: string; readonly check?: string }): void
  /** Makes an example that is started by this shell script. */
  example(start: string): void
  /** Starts a script in a group of its own, as a terminal does. */
  start(script: readonly string[], env?: Readonly<Record<string, string>>): Launching
  launch(script: readonly string[], env?: Readonly<Record<string, string>>): Promise<Launched>
}

export function launcherTree(): LauncherTree {
  const home = mkdtempSync(join(tmpdir(), 'partywall-tree-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const root = join(home, 'checkout')
  const temporary = join(home, 'tmp')
  const asked = join(home, 'asked')
  const write = (path: string, content: string, mode = 0o644): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content, { mode })
  }
  mkdirSync(temporary)
  cpSync(join(real, 'scripts'), join(root, 'scripts'), { recursive: true })
  write('package.json', '{ "type": "module", "packageManager": "pnpm@0.0.1" }')
  // For the driver that it brings.
  mkdirSync(join(root, 'packages'))
  symlinkSync(join(real, 'packages/testing'), join(root, 'packages/testing'))
  const pnpmHome = 'node_modules/.cache/partywall/pnpm/node_modules'
  write(`${pnpmHome}/pnpm/package.json`, '{ "version": "0.0.1" }')

  const tree: LauncherTree = {
    root,
    temporary,
    pnpmPath: join(root, pnpmHome, '.bin/pnpm'),
    left: () => readdirSync(temporary),
    asked: () => (existsSync(asked) ? readFileSync(asked, 'utf8').trimEnd().split('\n') : []),
    pnpm({ install = 'exit 0', check = 'exit 0' }) {
      const lines = [
        '#!/bin/sh',
        `echo "$*" >> "${asked}"`,
        `if [ "$1" = install ]; then ${install}`,
        `else ${check}`,
        'fi',
      ]
      write(`${pnpmHome}/.bin/pnpm`, `${lines.join('\n')}\n`, 0o755)
    },
    example(start) {
      const home = 'examples/rollout-journey'
      const commands = { build: 'true', start: 'sh ./start.sh' }
      write(`${home}/package.json`, JSON.stringify({ scripts: commands }))
      write(`${home}/start.sh`, `${start}\n`)
    },
    start([script = '', ...args], env = {}) {
      const { PATH = '' } = process.env
      const child = spawn(process.execPath, [join(root, 'scripts', script), ...args], {
        cwd: root,
        env: { PATH, TMPDIR: temporary, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      })
      onTestFinished(() => void (child.exitCode ?? child.signalCode ?? child.kill('SIGTERM')))
      const said = Promise.all([text(child.stdout), text(child.stderr)])
      const ended = once(child, 'exit').then(async ([code]) => {
        const [stdout, stderr] = await said
        return { code, stdout, stderr }
      })
      return { child, ended }
    },
    launch: (script, env) => tree.start(script, env).ended,
  }
  tree.pnpm({})
  return tree
}
