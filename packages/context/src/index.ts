/**
 * Who this work is for.
 * @packageDocumentation
 */
export { onDecision, subscriberFaults } from './channel.ts'
export { type Environment, environments, parseEnvironment } from './environment.ts'
export type {
  DecisionEvent,
  FaultEvent,
  GuardedEvent,
  OperationEndedEvent,
  OperationStartedEvent,
  RefusalEvent,
  SettingsEvent,
  SystemScopeEvent,
  WallEvent,
} from './events.ts'
export { currentOperation, runJob } from './operation.ts'
export { isPartywallError, PartywallError } from './partywall-error.ts'
export { bindTenant, currentTenant, requireTenant, runWithTenant } from './run-with-tenant.ts'
export { currentSystem, runAsSystem, type SystemScope, type SystemScopeInit } from './system.ts'
export {
  createTenantContext,
  type Role,
  roles,
  type TenantContext,
  type TenantContextInit,
  type TenantSource,
  tenantSources,
} from './tenant-context.ts'
export { parseTenantId, type TenantId, type TenantIdOptions, tenantIdPattern } from './tenant-id.ts'
