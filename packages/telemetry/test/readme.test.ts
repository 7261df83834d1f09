import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { expect, it, vi } from 'vitest'

it('runs the first block of the README as written', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, block = ''] = /^```ts\n(.*?)^```/ms.exec(readme) ?? []
  const folder = new URL(`../.readme/run-${process.pid}/`, import.meta.url)
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL('block.ts', folder), block)
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  try {
    await import(new URL('block.ts', folder).pathname)
    const said = log.mock.calls.map(([first]) => first)
    expect(said[0]).toBe('TENANT_VIOLATION')
    expect(said[1]).toBe(1)
    expect(said[2]).toContain('tenant_violations_total{model="User",severity="CRITICAL"} 1')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
