import { createTenantContext, runAsSystem, type SystemScopeInit } from '@partywall/context'
import {
  currentScope,
  type OperationInit,
  type Scope,
  type Severity,
  startOperation,
  type Violation,
} from '@partywall/context/spi'

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

/** The scope of system work, inside an operation or outside of any. */
export function systemScope(init: SystemScopeInit, operation?: OperationInit): Scope {
  const work = (): Scope | undefined => runAsSystem(init, currentScope)
  const scope = operation === undefined ? work() : startOperation(operation).run(work)
  if (scope === undefined) throw new Error('a system scope is a scope')
  return scope
}
