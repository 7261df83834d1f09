import {
  currentTenant,
  parseTenantId,
  requireTenant,
  runWithTenant,
  type TenantContext,
  type TenantId,
} from '@partywall/context'
import type { Decision, Enforcement } from '@partywall/context/spi'
import { expectTypeOf, it } from 'vitest'

declare module '@partywall/context' {
  interface TenantContext {
    readonly plan?: 'free' | 'paid'
  }
}

it('makes a tenant id only by parsing', () => {
  expectTypeOf(parseTenantId('acme')).toEqualTypeOf<TenantId>()
  // @ts-expect-error a string is not a tenant id
  const id: TenantId = 'acme'
  expectTypeOf(id).toBeString()
})

it('keeps the type of the work, sync and async', () => {
  const init = { tenantId: 'acme', env: 'prod' } as const
  expectTypeOf(runWithTenant(init, () => 1)).toBeNumber()
  expectTypeOf(runWithTenant(init, async () => 'x')).resolves.toBeString()
})

it('may have no tenant, unless one is required', () => {
  expectTypeOf(currentTenant()).toEqualTypeOf<TenantContext | undefined>()
  expectTypeOf(requireTenant()).toEqualTypeOf<TenantContext>()
})

it('can be extended by a project', () => {
  expectTypeOf<TenantContext['plan']>().toEqualTypeOf<'free' | 'paid' | undefined>()
  runWithTenant({ tenantId: 'acme', env: 'prod', plan: 'paid' }, () => requireTenant().plan)
  // @ts-expect-error a field that nobody declared
  runWithTenant({ tenantId: 'acme', env: 'prod', nothing: 1 }, () => 0)
})

it('cannot be changed', () => {
  // @ts-expect-error contexts are read-only
  requireTenant().tenantId = parseTenantId('globex')
  expectTypeOf<Enforcement['decide']>().returns.toEqualTypeOf<Decision>()
})
