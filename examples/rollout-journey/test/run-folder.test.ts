import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeRunFolder } from '../src/journey/run-folder.ts'
import { startProgram } from './program.ts'
import { until } from './until.ts'

let parent: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'journey-'))
})
afterEach(() => rmSync(parent, { recursive: true, force: true }))

it('never removes the folder of a run that lives', () => {
  const living = makeRunFolder(parent)
  const other = makeRunFolder(parent)
  expect(existsSync(living.path)).toBe(true)
  living.remove()
  expect(readdirSync(parent)).toEqual([basename(other.path)])
  other.remove()
  expect(readdirSync(parent)).toEqual([])
})

it('leaves alone what does not tell who its owner is', () => {
  const run = makeRunFolder(parent)
  const unknown = `${run.path.slice(0, -6)}nobody`
  mkdirSync(unknown)
  mkdirSync(join(parent, 'partywall-journey-of-another-machine'))
  const next = makeRunFolder(parent)
  expect(readdirSync(parent)).toHaveLength(4)
  next.remove()
  run.remove()
})

it('removes what a killed run left, at the next start', { timeout: 60_000 }, async () => {
  const program = startProgram(() => ['--detection'], { TMPDIR: parent })
  const runs = (): readonly string[] =>
    readdirSync(parent).filter((name) => name.startsWith('partywall-journey-'))
  await until(() => runs().some((name) => existsSync(join(parent, name, 'owner'))))
  const [left = ''] = runs()
  program.kill('SIGKILL')
  expect(await program.ended).toEqual({ code: null, signal: 'SIGKILL' })
  // The fault is there: nobody cleaned up.
  expect(existsSync(join(parent, left))).toBe(true)
  const next = makeRunFolder(parent)
  expect(runs()).toEqual([basename(next.path)])
  next.remove()
  await program.remove()
  // The server has a guardian of its own, which needs a moment.
  await until(() => readdirSync(parent).length === 0)
})
