import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startGuarded } from '../src/guarded-process.ts'

const deaf = `echo up; sleep 0.3; exec "$0" -e '
  process.on("SIGQUIT", () => process.exit())
  setInterval(() => {}, 1000)'`

const writing = `echo up; (
  for n in 1 2 3 4 5 6 7 8; do sleep 0.05; mkdir -p "$0"; echo more >"$0/$n"; done
  rm "$1"
) & exit`

// mutation src/guarded-process.ts: while kill -0 "$last"; do sleep 0.02; kill -"$signal" 0; done => wait "$last"
it('ends a server that hears no signal yet when it is told to end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'partywall-guarded-'))
  const { stop } = await startGuarded({
    command: ['/bin/sh', '-c', deaf, process.execPath],
    folder,
    ready: 'up',
    endWith: 'QUIT',
    timeoutMs: 10_000,
  })
  await stop()
  expect(existsSync(folder)).toBe(false)
})

// mutation src/guarded-process.ts: while kill -0 "$last"; do sleep 0.02; kill -"$signal" 0; done => true
it('removes the folder when nobody writes to it any more', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'partywall-guarded-'))
  const running = mkdtempSync(join(tmpdir(), 'partywall-guarded-'))
  const { stop } = await startGuarded({
    command: ['/bin/sh', '-c', writing, folder, join(running, 'writes')],
    folder,
    ready: 'up',
    endWith: 'QUIT',
    timeoutMs: 10_000,
  })
  writeFileSync(join(running, 'writes'), '')
  await stop()
  expect(readdirSync(running)).toEqual([])
  expect(existsSync(folder)).toBe(false)
  rmSync(running, { recursive: true })
})
