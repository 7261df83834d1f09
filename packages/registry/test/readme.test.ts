import { existsSync, readFileSync } from 'node:fs'
import { expect, it, vi } from 'vitest'

it('runs the first example of the README as it is written', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  expect(readme).toContain('@partywall/registry')
  expect(existsSync(new URL('../.readme/1.ts', import.meta.url))).toBe(true)
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  await import('../.readme/1.ts')
  expect(log.mock.calls).toEqual([
    ['Acme Corporation', 'owner'],
    [['acme_corp.yaml:3:1 status is a string of 6 characters; expected active or suspended']],
    ['active'],
  ])
})
