/**
 * The contract between walls, for authors of walls and adapters.
 * @packageDocumentation
 */
export { channelName, isObserved, publish } from './channel.ts'
export {
  type Decision,
  type DecisionAction,
  type DecisionReason,
  decisionActions,
  decisionReasons,
} from './decision.ts'
export { blockAlways, type Enforcement } from './enforcement.ts'
export type {
  DurationHistogram,
  ModelTotals,
  Observations,
  ObservationTotals,
  SignatureTotals,
} from './observations.ts'
export {
  type Operation,
  type OperationInit,
  type OperationOutcome,
  type RunningOperation,
  startOperation,
} from './operation.ts'
export { currentScope, runInScope, type Scope } from './scope.ts'
export { shapeOf } from './shape.ts'
export { reasonCodePattern, unspecifiedReason } from './system.ts'
export { isTenantContext } from './tenant-context.ts'
export type { Identity, Membership, TenantFacts, TenantLookup } from './tenant-lookup.ts'
export {
  type Severity,
  severities,
  unknownModel,
  type Violation,
  type ViolationDetail,
  type ViolationKind,
  type ViolationShape,
  violationDetails,
  violationKinds,
} from './violation.ts'
