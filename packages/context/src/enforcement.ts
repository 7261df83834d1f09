import type { Decision } from './decision.ts'
import type { Scope } from './scope.ts'
import type { TenantId } from './tenant-id.ts'
import type { Violation } from './violation.ts'

/** How strict a wall is at this moment. Every method is synchronous and never throws. */
export interface Enforcement {
  /** `false` while every violation would be answered `off`: a wall may then skip its proof. */
  readonly watching: boolean
  /** What to do about a violation. Allocates nothing on the common path. */
  decide(violation: Violation, scope: Scope | undefined): Decision
  /**
   * Whether this tenant may be served at all: the kill switch. A decision is a refusal, also of
   * work that violates nothing; `undefined` lets it pass. Asked without a tenant for work of the
   * system: it belongs to no tenant, and so not to the one that goes on being served.
   */
  refusal(tenantId: TenantId | undefined): Decision | undefined
}

const block: Decision = Object.freeze({
  action: 'block',
  reason: 'default',
  generation: 0,
  record: true,
})

/** The safe default of a wall that was given no enforcement: every violation is blocked. */
export const blockAlways: Enforcement = Object.freeze({
  watching: true,
  decide: () => block,
  refusal: () => undefined,
})
