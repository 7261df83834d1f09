import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { binaryFolder, findBinary } from '../scripts/binaries.mjs'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'partywall-binaries-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A program that says which version it is. */
function program(home: string, name: string, says: string): string {
  const file = join(folder, home, name)
  mkdirSync(join(folder, home), { recursive: true })
  writeFileSync(file, `#!/bin/sh\necho '${says}'\n`)
  chmodSync(file, 0o755)
  return file
}

it('takes the first program on the PATH, by any of its names', () => {
  const valkey = program('one', 'valkey-server', 'v=8')
  program('two', 'redis-server', 'v=7')
  const path = ['one', 'two'].map((home) => join(folder, home)).join(delimiter)
  expect(findBinary('redis-server', path)).toBe(valkey)
})

it('passes over what cannot be run', () => {
  chmodSync(program('one', 'promtool', ''), 0o644)
  const promtool = program('two', 'promtool', '')
  const path = ['one', 'two'].map((home) => join(folder, home)).join(delimiter)
  expect(findBinary('promtool', path)).toBe(promtool)
})

// mutation scripts/binaries.mjs: major > oldestMajor || (major === oldestMajor && minor >= oldestMinor) => major >= oldestMajor
it('passes over a PgBouncer that is too old for the tests, or says nothing', () => {
  for (const [home, says] of Object.entries({ a: 'PgBouncer 1.18.0', b: '', c: 'PgBouncer 0.99' }))
    program(home, 'pgbouncer', says)
  const path = (...homes: string[]) => homes.map((home) => join(folder, home)).join(delimiter)
  const unpacked = findBinary('pgbouncer', binaryFolder)
  expect(findBinary('pgbouncer', path('a', 'b', 'c'))).toBe(unpacked)
  for (const says of ['PgBouncer 1.21.0', 'PgBouncer 1.100.1', 'PgBouncer 2.0.0']) {
    const recent = program('d', 'pgbouncer', says)
    expect(findBinary('pgbouncer', path('a', 'b', 'c', 'd')), says).toBe(recent)
  }
})
