import {
  PartywallError,
  type Role,
  requireTenant,
  roles,
  type TenantContext,
} from '@partywall/context'

/**
 * The running tenant, if its caller has at least this role: an owner may do what an admin may.
 * @throws {@link PartywallError} `role.forbidden`; `tenant.missing` outside of a tenant's scope.
 */
export function requireRole(least: Role): TenantContext {
  const tenant = requireTenant()
  // Ordered from the most to the least.
  if (tenant.role === undefined || roles.indexOf(tenant.role) > roles.indexOf(least)) {
    throw new PartywallError('role.forbidden', `this needs the role ${least}`)
  }
  return tenant
}

/**
 * The running tenant, if its caller was granted exactly this scope.
 * @throws {@link PartywallError} `scope.forbidden`; `tenant.missing` outside of a tenant's scope.
 */
export function requireScope(scope: string): TenantContext {
  const tenant = requireTenant()
  if (tenant.scopes?.includes(scope) !== true) {
    throw new PartywallError('scope.forbidden', 'this needs a scope that was not granted')
  }
  return tenant
}
