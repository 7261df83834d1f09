import type { KeyObject } from 'node:crypto'
import { currentTenant } from '@partywall/context'
import type { Enforcement } from '@partywall/context/spi'
import { createBoundary } from '@partywall/http'
import { boundaryMiddleware, problemHandler } from '@partywall/http/express'
import { verifyJwt } from '@partywall/http/jwt'
import type { Registry } from '@partywall/registry'
import { tenantKey, tenants } from '../data/tenants.ts'
import type { Boundary } from './app.ts'
import { tokenAlgorithm, tokenAudience, tokenIssuer } from './caller.ts'

export interface WalledBoundaryOptions {
  /** What tokens are verified with. */
  readonly tokenKey: KeyObject
  readonly registry: Registry
  readonly enforcement: Enforcement
}

/** The boundary of the walls: a verified token, a registered member, one tenant per request. */
export function walledBoundary({
  tokenKey,
  registry,
  enforcement,
}: WalledBoundaryOptions): Boundary {
  const boundary = createBoundary({
    environment: 'prod',
    lookup: registry,
    sources: { header: 'x-tenant-id', token: true },
    authenticator: verifyJwt({
      issuers: [
        {
          issuer: tokenIssuer,
          audience: tokenAudience,
          algorithms: [tokenAlgorithm],
          keys: tokenKey,
          tenants: tenants.map(({ id }) => id),
          tenantClaim: 'tenant',
        },
      ],
    }),
    publicRoutes: ['POST /api/auth/login'],
    enforcement,
  })
  return {
    before: [boundaryMiddleware(boundary)],
    identify() {
      const tenant = currentTenant()
      if (tenant?.userId === undefined) return undefined
      return { tenantKey: tenantKey(tenant.tenantId), userId: tenant.userId }
    },
    loginTenant: () => currentTenant()?.tenantId,
    onError: [problemHandler()],
  }
}
