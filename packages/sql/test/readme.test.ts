import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { expect, it, vi } from 'vitest'

it('runs the first example of the README as it is written', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const promised = /It prints\n\n```\n(.*?)\n```/s.exec(readme)?.[1]
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  await import('../.readme/1.ts')
  const lines = log.mock.calls
    .flat()
    .map((value) => (typeof value === 'string' ? value : inspect(value)))
  expect(lines.join('\n')).toBe(promised)
})
