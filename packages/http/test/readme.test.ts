import { readFileSync } from 'node:fs'
import { expect, it, vi } from 'vitest'

it('runs the first example of the README as it is written', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  expect(readme).toContain('@partywall/http')
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  await import('../.readme/1.ts')
  expect(log.mock.calls).toEqual([
    ['acme', 200, '{"ordersOf":"acme"}'],
    ['globex', 403, expect.stringContaining('"reason":"membership.missing"')],
    ['no-such', 403, expect.stringContaining('"reason":"tenant.unknown"')],
    [403, expect.stringContaining('"reason":"role.forbidden"')],
  ])
})
