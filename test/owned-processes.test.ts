import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { ownProcesses } from '../scripts/owned-processes.mjs'

/** Processes whose arguments hold the text, this one apart. */
function running(text: string): readonly string[] {
  return readdirSync('/proc').filter((entry) => {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) return false
    try {
      return readFileSync(`/proc/${entry}/cmdline`, 'latin1').split('\0').includes(text)
    } catch {
      return false
    }
  })
}

async function until(done: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!done()) {
    if (Date.now() > deadline) throw new Error('it did not happen within 10 s')
    await pause(20)
  }
}

const onLinux = process.platform === 'linux'

it('tells how a command ended', async () => {
  const { run } = ownProcesses()
  expect(await run('/bin/sh', ['-c', 'exit 3'])).toBe(3)
  expect(await run('/bin/true', [])).toBe(0)
  await expect(run('/no/such/command', [])).rejects.toThrow('ENOENT')
})

it.runIf(onLinux)('ends children, grandchildren and those that left their group', async () => {
  const seconds = `7${process.pid}`
  const { run, end } = ownProcesses()
  const script = `sleep ${seconds} & setsid sleep ${seconds} & trap '' TERM; sleep ${seconds}; sleep ${seconds}`
  void run('/bin/sh', ['-c', script])
  await until(() => running(seconds).length === 3)
  await end()
  expect(running(seconds)).toEqual([])
})

it.runIf(onLinux)('leaves processes alone that it did not start', async () => {
  const seconds = `8${process.pid}`
  const other = ownProcesses()
  void other.run('/bin/sleep', [seconds])
  await until(() => running(seconds).length === 1)
  await ownProcesses().end()
  expect(running(seconds)).toHaveLength(1)
  await other.end()
  expect(running(seconds)).toEqual([])
})
