import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { startProgram } from './program.ts'

it('says in one sentence which port is taken, and leaves nothing', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  // The fault is there: somebody answers at this port.
  const probe = connect(port, '127.0.0.1')
  await once(probe, 'connect')
  probe.destroy()
  const program = startProgram(() => ['--serve', '--port', String(port)])
  expect(await program.ended).toEqual({ code: 2, signal: null })
  expect(program.left()).toEqual([])
  const said = program
    .output()
    .split('\n')
    .filter((line) => line.includes(String(port)))
  expect(said).toEqual([
    `port ${port} of 127.0.0.1 is taken by another program: choose another one with --port, or leave --port out to take any that is free`,
  ])
  expect(program.output()).not.toMatch(/^ {4}at /m)
  expect(other.listening).toBe(true)
  other.close()
  await program.remove()
})

it.each([
  [
    'an option that there is not',
    ['--sreve'],
    "Unknown option '--sreve'; --help tells what there is\n",
  ],
  ['a port beyond all ports', ['--port', '65536'], '--port takes a number up to 65535\n'],
  ['a seed that is no number', ['--seed', 'x'], '--seed takes a whole number\n'],
])('refuses %s in one sentence, before anything starts', async (_what, args, sentence) => {
  const program = startProgram(() => args)
  expect(await program.ended).toEqual({ code: 2, signal: null })
  expect(program.output().endsWith(sentence)).toBe(true)
  expect(program.output()).not.toMatch(/^ {4}at /m)
  expect(program.left()).toEqual([])
  await program.remove()
})

it.each([
  ['is not there', 'nowhere', 'ENOENT'],
  ['is no folder', 'file', 'ENOTDIR'],
])('refuses a TMPDIR that %s, in one sentence', async (_what, name, code) => {
  const home = mkdtempSync(join(tmpdir(), 'journey-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  writeFileSync(join(home, 'file'), '')
  const TMPDIR = join(home, name)
  const program = startProgram(() => ['--detection'], { TMPDIR })
  expect(await program.ended).toEqual({ code: 2, signal: null })
  expect(program.output().trimEnd().split('\n').at(-1)).toBe(
    `TMPDIR: no folder can be made in ${TMPDIR} (${code}). Please make that folder writable, or let TMPDIR name another one.`,
  )
  expect(program.output()).not.toMatch(/^ {4}at /m)
  await program.remove()
})

it('refuses a file for the figures that cannot be written, before anything starts', async () => {
  const program = startProgram((folder) => ['--json', join(folder, 'nowhere', 'all.json')])
  expect(await program.ended).toEqual({ code: 2, signal: null })
  expect(program.output()).toBe(
    `--json cannot write to ${join(program.folder, 'nowhere', 'all.json')} (ENOENT): name a file that can be written\n`,
  )
  expect(program.left()).toEqual([])
  await program.remove()
})

it('keeps what is in the file for the figures, and leaves none, where a run does not come to its end', async () => {
  const environment = { DATABASE_URL: 'postgres://eve:secret@127.0.0.1:1/x' }
  const empty = startProgram((folder) => ['--json', join(folder, 'all.json')], environment)
  expect((await empty.ended).code).toBe(2)
  expect(empty.left()).toEqual([])
  const earlier = join(empty.folder, 'earlier.json')
  writeFileSync(earlier, '{}')
  const again = startProgram(() => ['--json', earlier], environment)
  expect((await again.ended).code).toBe(2)
  expect(readFileSync(earlier, 'utf8')).toBe('{}')
  await again.remove()
  await empty.remove()
})

it('refuses a DATABASE_URL that does not answer, in one sentence without the URL', async () => {
  const program = startProgram(() => [], { DATABASE_URL: 'postgres://eve:secret@127.0.0.1:1/x' })
  expect(await program.ended).toEqual({ code: 2, signal: null })
  expect(program.output()).toContain('DATABASE_URL')
  expect(program.output()).not.toMatch(/secret|eve|^ {4}at /m)
  expect(program.left()).toEqual([])
  await program.remove()
})
