import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCli } from '@partywall/cli'
import { expect, it, vi } from 'vitest'

it('runs the first block of the README as written', { timeout: 30_000 }, async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, block = ''] = /^```ts\n(.*?)^```/ms.exec(readme) ?? []
  const folder = new URL(`../.readme/run-${process.pid}/`, import.meta.url)
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL('block.ts', folder), block)
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  const told: string[] = []
  const temporary = mkdtempSync(join(tmpdir(), 'partywall-cli-'))
  vi.stubEnv('TMPDIR', temporary)
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => told.push(String(text)) > 0)
  try {
    await import(new URL('block.ts', folder).pathname)
    expect(told.join('')).toContain('generation 1: init')
    expect(told.join('')).toContain('INCONCLUSIVE')
    expect(log.mock.calls).toEqual([['exit code', 1]])
    expect(readdirSync(temporary)).toEqual([])
  } finally {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
    rmSync(temporary, { recursive: true })
    rmSync(folder, { recursive: true })
  }
})

it('runs the commands of the README as written', { timeout: 30_000 }, async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const lines = [...readme.matchAll(/^npx partywall (.*)$/gm)].map(([, line = '']) => line)
  const cwd = mkdtempSync(join(tmpdir(), 'partywall-cli-'))
  const out = { write: () => true }
  try {
    const codes: number[] = []
    for (const line of lines) {
      const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(
        ([, quoted, plain]) => quoted ?? plain ?? '',
      )
      codes.push(await runCli(words, { environment: {}, stdout: out, stderr: out, cwd }))
    }
    expect(codes).toEqual([0, 1, 0])
  } finally {
    rmSync(cwd, { recursive: true })
  }
})
