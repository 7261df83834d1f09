import type { Role } from '@partywall/context'
import type { Identity, Membership, TenantFacts } from '@partywall/context/spi'

/** A person or program of one issuer, and what it may be in the tenant. */
export interface Member extends Identity, Membership {
  readonly role: Role
}

/** Everything that is known of a tenant. Frozen through and through. */
export interface Tenant<Metadata = unknown> extends TenantFacts {
  /** What people call it. */
  readonly name: string
  readonly members: readonly Member[]
  /** Positive numbers by name, such as `max_qps`. What they bound is up to their reader. */
  readonly limits: Readonly<Record<string, number>>
  /** ISO 8601, as it was written. */
  readonly createdAt?: string
  readonly updatedAt?: string
  /** What the `metadata` schema made of the field; without a schema, plain data. */
  readonly metadata: Metadata
}
