import { createHash } from 'node:crypto'
import type { Severity, SignatureTotals } from '@partywall/context/spi'

/** What makes two violations the same to a person who triages them. */
export interface Signature {
  readonly model: string
  readonly action: string
  readonly endpoint: string
  /** As {@link storedStatement} keeps it. */
  readonly statement: string
}

/** The id of a signature: 16 hexadecimal digits, the same in every process and release. */
export function signatureId({ model, action, endpoint, statement }: Signature): string {
  return fingerprint([model, action, endpoint, statement])
}

/** 16 hexadecimal digits of SHA-256 over `parts`, which no choice of parts can run together. */
export function fingerprint(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}

/** A statement as it is kept: long ones are cut and told apart by the fingerprint of the whole. */
export function storedStatement(statement: string): string {
  if (statement.length <= 2000) return statement
  return `${statement.slice(0, 2000)}… #${fingerprint([statement])}`
}

/** The blocked signatures of this process, bounded. */
export interface BlockedSignatures {
  /** `false` when there is no room for another signature. */
  count(id: string, signature: Signature, severity: Severity): boolean
  totals(): Readonly<Record<string, SignatureTotals>>
}

/** At most this many signatures are told apart; further ones are counted as unlisted. */
export const signatureLimit = 1000

export function createBlockedSignatures(limit: number = signatureLimit): BlockedSignatures {
  const counted = new Map<string, { totals: Omit<SignatureTotals, 'blocks'>; blocks: number }>()
  return {
    count(id, { model, action, endpoint, statement }, severity) {
      const known = counted.get(id)
      if (known !== undefined) {
        known.blocks += 1
        return true
      }
      if (counted.size >= limit) return false
      const totals = { model, action, endpoint, statement, severity }
      counted.set(id, { totals, blocks: 1 })
      return true
    },
    totals() {
      return Object.fromEntries(
        Array.from(counted, ([id, { totals, blocks }]) => [id, { ...totals, blocks }]),
      )
    },
  }
}
