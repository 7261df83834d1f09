import { expect, it } from 'vitest'
import { ownProcesses } from '../scripts/owned-processes.mjs'
import { running, until } from './running-processes.ts'

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
