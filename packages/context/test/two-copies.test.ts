import * as first from '@partywall/context'
import { expect, it, vi } from 'vitest'

it('shares one scope, one error brand and one channel between two loaded copies', async () => {
  vi.resetModules()
  const second = await import('@partywall/context')
  expect(second.runWithTenant).not.toBe(first.runWithTenant)

  const acme = first.createTenantContext({ tenantId: 'acme', env: 'prod' })
  const globex = second.createTenantContext({ tenantId: 'globex', env: 'prod' })
  first.runWithTenant(acme, () => {
    expect(second.requireTenant()).toBe(acme)
    expect(() => second.runWithTenant(globex, () => 0)).toThrowError(
      expect.objectContaining({ code: 'tenant.switch' }),
    )
    // A context made by the other copy is taken as it is.
    expect(second.runWithTenant(acme, () => first.requireTenant())).toBe(acme)
  })

  const error = new second.PartywallError('tenant.unknown', 'no such tenant')
  expect(error instanceof first.PartywallError).toBe(false)
  expect(first.isPartywallError(error, 'tenant.unknown')).toBe(true)
  expect(first.isPartywallError(error, 'tenant.missing')).toBe(false)
  expect(first.isPartywallError(new Error('tenant.unknown'))).toBe(false)

  let told = 0
  const stop = first.onDecision(() => {
    told += 1
  })
  second.runAsSystem({ actor: 'ops', reason: 'cleanup' }, () => undefined)
  stop()
  expect(told).toBe(1)
})
