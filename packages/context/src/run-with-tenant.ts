import { PartywallError } from './partywall-error.ts'
import { currentScope, runInScope } from './scope.ts'
import { scopeOf, type TenantContext, type TenantContextInit } from './tenant-context.ts'

/**
 * Runs `work`, and everything it awaits, for one tenant.
 * The same tenant again is fine; another tenant inside a tenant is refused. `runAsSystem` is the
 * way across, and it is observed.
 * @throws {@link PartywallError} `tenant.switch` when the scope already belongs to another tenant or
 * environment; what `createTenantContext` throws when an init object is given.
 * @example
 * ```ts
 * await runWithTenant({ tenantId: 'acme', env: 'prod' }, () => listInvoices())
 * ```
 */
export function runWithTenant<Result>(
  tenant: TenantContext | TenantContextInit,
  work: () => Result,
): Result {
  const scope = scopeOf(tenant)
  const outer = currentScope()
  if (outer === undefined) return runInScope(scope, work)
  if (outer.tenant !== undefined) {
    if (outer.tenant === scope.tenant) return work()
    refuseSwitch(outer.tenant, scope.tenant)
  }
  return runInScope({ ...scope, operation: outer.operation }, work)
}

/** The tenant of the running work, if it has one. */
export function currentTenant(): TenantContext | undefined {
  return currentScope()?.tenant
}

/**
 * The tenant of the running work.
 * @throws {@link PartywallError} `tenant.missing` outside of a tenant's scope.
 */
export function requireTenant(): TenantContext {
  const tenant = currentScope()?.tenant
  if (tenant === undefined) {
    throw new PartywallError('tenant.missing', 'no tenant: call this inside runWithTenant()')
  }
  return tenant
}

/**
 * Ties a callback to the scope it was made in, wherever it is called from: emitters, event targets,
 * pool waiters and shared batchers call back in the scope of whoever fires them.
 * @throws {@link PartywallError} `tenant.missing` when there is no scope to tie it to.
 */
export function bindTenant<Args extends readonly unknown[], Result>(
  callback: (...args: Args) => Result,
): (...args: Args) => Result {
  const scope = currentScope()
  if (scope?.tenant === undefined && scope?.system === undefined) {
    throw new PartywallError(
      'tenant.missing',
      'no tenant to bind to: call this inside runWithTenant()',
    )
  }
  return (...args) => runInScope(scope, () => callback(...args))
}

function refuseSwitch(from: TenantContext, to: TenantContext): void {
  if (from.tenantId === to.tenantId && from.env === to.env) return
  const what = from.tenantId === to.tenantId ? 'another environment' : 'another tenant'
  throw new PartywallError(
    'tenant.switch',
    `this work already belongs to a tenant; entering ${what} needs runAsSystem({ actor, reason })`,
  )
}
