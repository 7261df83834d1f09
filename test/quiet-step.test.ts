import { expect, it } from 'vitest'
import { ownProcesses } from '../scripts/owned-processes.mjs'
import { quietStep } from '../scripts/quiet-step.mjs'

async function step(script: string): Promise<{ code: number; said: string[]; shown: string[] }> {
  const said: string[] = []
  const shown: string[] = []
  const code = await quietStep(ownProcesses().run, {
    command: '/bin/sh',
    args: ['-c', script],
    say: (line) => said.push(line),
    show: (output) => shown.push(output),
  })
  return { code, said, shown }
}

it('shows all that a step printed, on both streams, when it fails', async () => {
  const { code, shown } = await step('echo began; echo broke >&2; exit 3')
  expect(code).toBe(3)
  expect(shown.join('').split('\n').sort()).toEqual(['', 'began', 'broke'])
})

it('keeps back what a step prints that succeeds', async () => {
  expect(await step('echo noise; echo more >&2')).toEqual({ code: 0, said: [], shown: [] })
})

it('tells of a command that is not there', async () => {
  const run = ownProcesses().run('/no/such/command', [], { onOutput: () => undefined })
  await expect(run).rejects.toThrow('ENOENT')
})
