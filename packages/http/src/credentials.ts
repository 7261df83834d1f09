import type { TenantId } from '@partywall/context'
import type { Identity } from '@partywall/context/spi'
import type { RequestView } from './request-view.ts'

/** What a request proved about who sent it. Never the proof itself. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'invalid' }
  | {
      readonly kind: 'verified'
      readonly identity: Identity
      /** The tenant that the proof is for, if it names one. */
      readonly tenantId?: TenantId
      /** The tenants that the identity's issuer may speak for. */
      readonly tenants: readonly TenantId[] | 'any'
    }

/** Finds out who sent a request. */
export interface Authenticator {
  /** The header field that it reads, in lower case. */
  readonly field: string
  /** Never rejects for what a client sent: that is `invalid`. */
  authenticate(request: RequestView): Promise<Credentials>
}
