import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
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
export const tokenAlgorithm = 'RS256'

/** What tokens are signed with at the login, and verified with everywhere else. */
export interface TokenKeys {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

export function readTokenKeys(pem: {
  readonly privateKey: string
  readonly publicKey: string
}): TokenKeys {
  return {
    privateKey: createPrivateKey(pem.privateKey),
    publicKey: createPublicKey(pem.publicKey),
  }
}

/** A token for somebody who proved the password. */
export function issueToken(key: KeyObject, subject: string, tenantId: string): Promise<string> {
  return new SignJWT({ tenant: tenantId })
    .setProtectedHeader({ alg: tokenAlgorithm, typ: 'JWT' })
    .setIssuer(tokenIssuer)
    .setAudience(tokenAudience)
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime('2h')
    .sign(key)
}

/** What the service did before there was a boundary: it believes its own tokens. */
export function identifyByToken(key: KeyObject): Identify {
  return async (request) => {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (token === undefined) return undefined
    try {
      const { payload } = await jwtVerify(token, key, {
        issuer: tokenIssuer,
        audience: tokenAudience,
        algorithms: [tokenAlgorithm],
      })
      if (payload.sub === undefined || typeof payload['tenant'] !== 'string') return undefined
      return { tenantKey: tenantKey(payload['tenant']), userId: payload.sub }
    } catch {
      return undefined
    }
  }
}
