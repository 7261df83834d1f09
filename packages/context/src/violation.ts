import type { TenantId } from './tenant-id.ts'

/** How much a model's rows matter. */
export const severities = ['CRITICAL', 'HIGH', 'MEDIUM'] as const
export type Severity = (typeof severities)[number]

/** What a wall saw: no tenant on the first relation, or on one joined or nested to it. */
export const violationKinds = ['missing_tenant_id', 'missing_relation_filter'] as const
export type ViolationKind = (typeof violationKinds)[number]

/** Why the wall could not prove it, more exactly than the kind. */
export const violationDetails = [
  'foreign_value',
  'tenant_write',
  'opaque',
  'unknown_relation',
  'unsupported',
  'unparsable',
] as const
export type ViolationDetail = (typeof violationDetails)[number]

/** The model of a statement whose relations cannot all be named. */
export const unknownModel = '(unknown)'

/** What the refused operation looked like: never a value that it carried. */
export interface ViolationShape {
  /** The statement without its literals, the command's name, the route: safe to store. */
  readonly statement: string
  /** The shapes of its parameters, such as `string(8)` or `uuid`. */
  readonly parameters: readonly string[]
}

/** One relation, key or route that was not confined to the tenant. */
export interface Violation {
  /** The wall that saw it: `sql`, `prisma`, `redis`, `http`. */
  readonly surface: string
  /** The declared model, or {@link unknownModel}. */
  readonly model: string
  readonly action: string
  readonly violation: ViolationKind
  readonly detail?: ViolationDetail
  readonly severity: Severity
  readonly tenantId?: TenantId
  readonly userId?: string
  readonly shape: ViolationShape
  /** How to mend it, for a person: never a value that the operation carried. */
  readonly hint?: string
  /** Where it happened. Read it while the event is handled: it is taken on first use. */
  readonly stack: string
}
