import { acme, globex } from '@partywall/testing'
import { expect, it } from 'vitest'

it('offers two tenants that share nothing but the environment', () => {
  expect(acme.env).toBe(globex.env)
  for (const key of ['tenantId', 'userId', 'requestId'] as const) {
    expect(acme[key]).not.toBe(globex[key])
  }
})
