import type { TenantId } from '@partywall/context'
import type { TenantLookup } from '@partywall/context/spi'
import {
  createRegistry,
  memory,
  type Registry,
  type Tenant,
  type TenantInit,
  yamlDirectory,
} from '@partywall/registry'
import { expectTypeOf, it } from 'vitest'
import * as z from 'zod'

declare const id: TenantId

it('is a lookup of the contract', () => {
  expectTypeOf<Registry>().toExtend<TenantLookup>()
})

it('types metadata by the schema it was given, and by nothing else', async () => {
  const typed = await createRegistry(yamlDirectory('x'), {
    metadata: z.object({ plan: z.string() }),
  })
  expectTypeOf(typed.find(id)).toEqualTypeOf<Tenant<{ plan: string }> | undefined>()
  const untyped = await createRegistry(memory([]))
  expectTypeOf(untyped.find(id)?.metadata).toEqualTypeOf<unknown>()
})

it('takes parsed ids only, and cannot be changed', async () => {
  const registry = await createRegistry(memory([]))
  // @ts-expect-error a string is not a tenant id
  registry.find('acme')
  const tenant = registry.find(id)
  // @ts-expect-error tenants are read-only
  if (tenant !== undefined) tenant.status = 'suspended'
  const issuer = 'https://login.example'
  // @ts-expect-error a role that is none
  const members: TenantInit['members'] = [{ issuer, subject: 'anna', role: 'viewer' }]
  expectTypeOf(members).not.toBeAny()
})
