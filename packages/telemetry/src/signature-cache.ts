import type { Violation } from '@partywall/context/spi'
import { type Signature, signatureId, signatureLimit, storedStatement } from './signature.ts'

/** A signature with its id and the text of where it was last seen. */
export interface KnownSignature {
  readonly id: string
  readonly signature: Signature
  /** Taking a stack costs microseconds: it is taken once per signature and minute. */
  stack(violation: Violation): string
}

const minuteMs = 60_000
const stackLimit = 8000

/**
 * Remembers signatures, so that a hot violation costs one look-up. Bounded: the oldest is dropped.
 * `wallClock` is the wall's, not the rollout's: the limit protects this process.
 */
export function createSignatureCache(
  wallClock: () => number,
  limit: number = signatureLimit,
): { of(violation: Violation, endpoint: string): KnownSignature } {
  const known = new Map<string, KnownSignature>()
  return {
    of(violation, endpoint) {
      const { model, action, shape } = violation
      const statement = storedStatement(shape.statement)
      const key = `${model}\0${action}\0${endpoint}\0${statement}`
      const found = known.get(key)
      if (found !== undefined) return found
      if (known.size >= limit) {
        const [oldest] = known.keys()
        if (oldest !== undefined) known.delete(oldest)
      }
      const made = describe({ model, action, endpoint, statement }, wallClock)
      known.set(key, made)
      return made
    },
  }
}

function describe(signature: Signature, wallClock: () => number): KnownSignature {
  let text = ''
  let takenAt = Number.NEGATIVE_INFINITY
  return {
    id: signatureId(signature),
    signature,
    stack(violation) {
      const now = wallClock()
      // A wall clock that was set back must not keep an old text for ever.
      if (now - takenAt >= minuteMs || now < takenAt) {
        text = violation.stack.slice(0, stackLimit)
        takenAt = now
      }
      return text
    },
  }
}
