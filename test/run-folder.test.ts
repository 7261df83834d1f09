import { spawnSync } from 'node:child_process'
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeRunFolder } from '../scripts/run-folder.mjs'

const mark = 'PARTYWALL_RUN=0123456789abcdef'
const owner = '.partywall-run'

let parent: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'partywall-runs-'))
})
afterEach(() => rmSync(parent, { recursive: true, force: true }))

/** A folder that looks as if its owner had been killed, but for `ownedBy`. */
function abandoned(ownedBy = `${deadProcess()} 1 ${mark}\n`): string {
  const path = makeRunFolder(parent, mark)
  writeFileSync(join(path, owner), ownedBy)
  writeFileSync(join(path, 'file'), '')
  return path
}

/** The number of a process that was there and has ended. */
function deadProcess(): number {
  const { pid, status } = spawnSync(process.execPath, ['-e', ''])
  expect(status).toBe(0)
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  return pid
}

it('is removed by the next run when its owner is dead', () => {
  const path = abandoned()
  const other = makeRunFolder(parent, mark)
  expect([existsSync(path), existsSync(other)]).toEqual([false, true])
})

it.runIf(process.platform === 'linux')(
  'is removed when the number of its owner is somebody else’s by now',
  () => {
    const path = abandoned(`${process.pid} 1 ${mark}\n`)
    makeRunFolder(parent, mark)
    expect(existsSync(path)).toBe(false)
  },
)

it('stays while its owner lives', () => {
  const path = makeRunFolder(parent, mark)
  makeRunFolder(parent, mark)
  expect(readFileSync(join(path, owner), 'utf8')).toMatch(new RegExp(`^${process.pid} `))
})

it('stays when it does not say whose it is, or not as a whole', () => {
  for (const said of ['', '12', `${deadProcess()}`, `0 1 ${mark}\n`, `-1 1 ${mark}\n`, 'x 1 y\n']) {
    const path = abandoned(said)
    makeRunFolder(parent, mark)
    expect(existsSync(path), said).toBe(true)
  }
  const path = abandoned()
  rmSync(join(path, owner))
  makeRunFolder(parent, mark)
  expect(existsSync(path)).toBe(true)
})

it('stays when it has another name, as that of another machine', () => {
  const path = abandoned()
  for (const name of ['partywall-abc', 'partywall-000000-abcdef', 'mine']) {
    renameSync(path, join(parent, name))
    makeRunFolder(parent, mark)
    expect(existsSync(join(parent, name))).toBe(true)
    renameSync(join(parent, name), path)
  }
})

it('is never followed as a link', () => {
  const path = abandoned()
  const precious = join(parent, 'precious')
  renameSync(path, precious)
  symlinkSync(precious, path)
  makeRunFolder(parent, mark)
  expect(existsSync(join(precious, 'file'))).toBe(true)
  expect(existsSync(path)).toBe(true)
})

it.runIf(process.getuid?.() === 0)('stays when it is another user’s', () => {
  const path = abandoned()
  chownSync(path, 65_534, 65_534)
  makeRunFolder(parent, mark)
  expect(existsSync(path)).toBe(true)
})
