import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { newGuardedFolder } from '../src/guarded-folder.ts'

let room: string
beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), 'partywall-guarded-'))
})
afterEach(() => rmSync(room, { recursive: true, force: true }))

/** Dies the moment that the folder is there, whatever is left to do for it. */
const program = `
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const { mkdirSync } = fs
fs.mkdirSync = (...args) => {
  mkdirSync(...args)
  fs.writeSync(1, 'made')
  process.kill(process.pid, 'SIGKILL')
}
syncBuiltinESMExports()
newGuardedFolder(process.argv[1], 'partywall-test-')
`

// mutation src/guarded-folder.ts: read -r order => exit
it('is removed when its owner is killed the moment it is there', async () => {
  const source = fileURLToPath(new URL('../src/guarded-folder.ts', import.meta.url))
  const { outputFiles } = await build({
    stdin: {
      contents: `import { newGuardedFolder } from ${JSON.stringify(source)}\n${program}`,
      resolveDir: room,
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
  })
  const script = outputFiles[0]?.text ?? ''
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', script, room], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  owner.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  expect(await once(owner, 'close')).toEqual([null, 'SIGKILL'])
  expect(output).toBe('made')
  const deadline = Date.now() + 10_000
  while (readdirSync(room).length > 0 && Date.now() < deadline) await pause(20)
  expect(readdirSync(room)).toEqual([])
})

// mutation src/guarded-folder.ts: [ "$order" = keep ] || rm => rm
it('stays when it was handed over, with what is in it', async () => {
  const folder = newGuardedFolder(room, 'partywall-test-')
  expect(statSync(folder.path).mode & 0o777).toBe(0o700)
  writeFileSync(join(folder.path, 'data'), '')
  folder.handOver()
  await pause(300)
  expect(existsSync(join(folder.path, 'data'))).toBe(true)
  folder.remove()
  expect(readdirSync(room)).toEqual([])
})

// mutation src/guarded-folder.ts: const path = resolve(parent, => const path = (parent + '/' +
it('is known by its whole path, from wherever it is looked at', () => {
  const folder = newGuardedFolder(relative(process.cwd(), room), 'partywall-test-')
  expect(dirname(folder.path)).toBe(room)
  folder.remove()
  expect(readdirSync(room)).toEqual([])
})

it('is not made where no folder can be', () => {
  expect(() => newGuardedFolder(join(room, 'absent'), 'partywall-test-')).toThrow('ENOENT')
})
