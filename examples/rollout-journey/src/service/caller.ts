import type { Request } from 'express'
import { jwtVerify, SignJWT } from 'jose'
import { tenantKey } from '../data/tenants.ts'

/** Who sent a request, as the service itself sees it. */
export interface Caller {
  readonly tenantKey: number
  readonly userId: string
}

/** Finds out who sent a request; `undefined` where nobody proved anything. */
export type Identify = (request: Request) => Promise<Caller | undefined> | Caller | undefined

export const tokenIssuer = 'https://login.rollout-journey.example'
export const tokenAudience = 'rollout-journey'

/** A token for somebody who proved the password. */
export function issueToken(secret: Uint8Array, subject: string, tenantId: string): Promise<string> {
  return new SignJWT({ tenant: tenantId })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(tokenIssuer)
    .setAudience(tokenAudience)
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime('2h')
    .sign(secret)
}

/** What the service did before there was a boundary: it believes its own tokens. */
export function identifyByToken(secret: Uint8Array): Identify {
  return async (request) => {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (token === undefined) return undefined
    try {
      const { payload } = await jwtVerify(token, secret, {
        issuer: tokenIssuer,
        audience: tokenAudience,
        algorithms: ['HS256'],
      })
      if (payload.sub === undefined || typeof payload['tenant'] !== 'string') return undefined
      return { tenantKey: tenantKey(payload['tenant']), userId: payload.sub }
    } catch {
      return undefined
    }
  }
}
