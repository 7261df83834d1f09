import { createTenantContext, runAsSystem, type SystemScopeInit } from '@partywall/context'
import { currentScope, type Scope, type Severity, type Violation } from '@partywall/context/spi'

/** A violation of a model, as a wall would have seen it. */
export function violationOf(model: string, severity: Severity = 'HIGH'): Violation {
  return {
    surface: 'sql',
    model,
    action: 'select',
    violation: 'missing_tenant_id',
    severity,
    shape: { statement: 'select', parameters: [] },
    stack: '',
  }
}

export function scopeOf(tenantId: string): Scope {
  const tenant = createTenantContext({ tenantId, env: 'prod' })
  return { tenant, system: undefined, operation: undefined }
}

export function systemScope(init: SystemScopeInit): Scope {
  const scope = runAsSystem(init, currentScope)
  if (scope === undefined) throw new Error('a system scope is a scope')
  return scope
}
