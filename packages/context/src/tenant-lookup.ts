import type { Role } from './tenant-context.ts'
import type { TenantId } from './tenant-id.ts'

/** What the boundary needs to know of a tenant. */
export interface TenantFacts {
  readonly tenantId: TenantId
  readonly status: 'active' | 'suspended'
  /** What the tenant has paid for, as codes. */
  readonly entitlements: readonly string[]
}

/** Who asks: the same subject of another issuer is another person. */
export interface Identity {
  readonly issuer: string
  readonly subject: string
}

export interface Membership {
  readonly role: Role
  readonly scopes: readonly string[]
}

/** Which tenants exist, and who belongs to them. Answers from memory, never by a fallback. */
export interface TenantLookup {
  find(tenantId: TenantId): TenantFacts | undefined
  /** `undefined` when the identity is no member of the tenant. */
  membership(tenantId: TenantId, identity: Identity): Membership | undefined
}
