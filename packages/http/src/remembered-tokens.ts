import { hash } from 'node:crypto'
import type { JWTPayload } from 'jose'
import { LRUCache } from 'lru-cache'
import type { Credentials } from './credentials.ts'

/**
 * What verified tokens proved. Verifying is a function of the token, the keys and the time, so that
 * one signature need not be verified twice; the times are compared each time that it is shown.
 */
export interface RememberedTokens {
  /** What the token proves at this moment; `undefined` for one that is not remembered. */
  recall(token: string, nowMs: number): Credentials | undefined
  /** Only for a token that is verified. */
  remember(token: string, payload: JWTPayload, proved: Credentials): void
}

interface Proof {
  readonly proved: Credentials
  /** Seconds since the epoch, the tolerance included. */
  readonly from: number
  readonly until: number
}

const invalid: Credentials = Object.freeze({ kind: 'invalid' })

/** Remembers the last `size` of them, each by its digest: a token itself is kept nowhere. */
export function rememberTokens(size: number, toleranceSeconds: number): RememberedTokens {
  const proofs = new LRUCache<string, Proof>({ max: size })
  return {
    recall(token, nowMs) {
      const proof = proofs.get(digestOf(token))
      if (proof === undefined) return undefined
      // As a verifier counts them: RFC 7519, whole seconds.
      const now = Math.floor(nowMs / 1000)
      return proof.from <= now && now < proof.until ? proof.proved : invalid
    },
    remember(token, { nbf = Number.NEGATIVE_INFINITY, exp = nbf }, proved) {
      proofs.set(digestOf(token), {
        proved,
        from: nbf - toleranceSeconds,
        until: exp + toleranceSeconds,
      })
    },
  }
}

/** For who remembers nothing. */
export const noTokens: RememberedTokens = { recall: () => undefined, remember: () => undefined }

function digestOf(token: string): string {
  return hash('sha256', token, 'base64')
}
