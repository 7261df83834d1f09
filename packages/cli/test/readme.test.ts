import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { expect, it, vi } from 'vitest'

it('runs the first block of the README as written', { timeout: 30_000 }, async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, block = ''] = /^```ts\n(.*?)^```/ms.exec(readme) ?? []
  const folder = new URL(`../.readme/run-${process.pid}/`, import.meta.url)
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL('block.ts', folder), block)
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  const told: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => told.push(String(text)) > 0)
  try {
    await import(new URL('block.ts', folder).pathname)
    expect(told.join('')).toContain('generation 1: init')
    expect(told.join('')).toContain('INCONCLUSIVE')
    expect(log.mock.calls).toEqual([['exit code', 1]])
  } finally {
    vi.restoreAllMocks()
    rmSync(folder, { recursive: true })
  }
})
