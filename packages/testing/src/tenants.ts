import { createTenantContext, type TenantContext } from '@partywall/context'

/** One of the two tenants that a test of isolation needs. */
export const acme: TenantContext = createTenantContext({
  tenantId: 'acme',
  env: 'dev',
  userId: 'ada',
  role: 'owner',
  requestId: 'acme-request',
})

/** The other one. */
export const globex: TenantContext = createTenantContext({
  tenantId: 'globex',
  env: 'dev',
  userId: 'gus',
  role: 'owner',
  requestId: 'globex-request',
})
