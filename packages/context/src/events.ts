import type { Decision } from './decision.ts'
import type { Operation, OperationOutcome } from './operation.ts'
import type { Scope } from './scope.ts'
import type { SystemScope } from './system.ts'
import type { TenantId } from './tenant-id.ts'
import type { Violation } from './violation.ts'

/** A violation was seen and decided about. */
export interface DecisionEvent {
  readonly type: 'decision'
  readonly violation: Violation
  readonly decision: Decision
  readonly scope: Scope | undefined
}

/** A wall looked at one operation of its client, whatever it found. */
export interface GuardedEvent {
  readonly type: 'guarded'
  readonly surface: string
  /** What the wall itself took, in milliseconds; the guarded operation is not in it. */
  readonly overheadMs: number
}

/** A wall failed while it looked: its own fault, never the user's. */
export interface FaultEvent {
  readonly type: 'fault'
  readonly surface: string
  readonly error: unknown
}

/** A request was refused at the boundary, or would have been. */
export interface RefusalEvent {
  readonly type: 'refusal'
  readonly surface: string
  readonly code: string
  readonly status: number
  /** The tenant that was asked for, where its id was well-formed. */
  readonly tenantId?: TenantId
  readonly userId?: string
  readonly operation?: Operation
}

export interface SystemScopeEvent {
  readonly type: 'system_scope'
  readonly system: SystemScope
  readonly operation: Operation | undefined
}

export interface OperationStartedEvent {
  readonly type: 'operation_started'
  readonly operation: Operation
}

export interface OperationEndedEvent {
  readonly type: 'operation_ended'
  readonly operation: Operation
  readonly outcome: OperationOutcome
  readonly durationMs: number
}

/** The settings changed: another snapshot rules from now on. */
export interface SettingsEvent {
  readonly type: 'settings'
  readonly generation: number
  readonly stage: number | undefined
  readonly mode: string
  readonly enforcement: 'on' | 'off'
  readonly killSwitch: 'on' | 'off'
  readonly actor: string
  readonly reason: string
}

/** What walls tell on the channel. Frozen, and free of secrets. */
export type WallEvent =
  | DecisionEvent
  | GuardedEvent
  | FaultEvent
  | RefusalEvent
  | SystemScopeEvent
  | OperationStartedEvent
  | OperationEndedEvent
  | SettingsEvent
