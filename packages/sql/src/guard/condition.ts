import type { TenantId } from '@partywall/context'
import type { Constant } from '../proof/model.ts'
import { canonicalText, wireText } from '../schema/column-type.ts'
import type { Claim } from './verdict.ts'

/** Whether everything that must be the tenant is the tenant. */
export function isConfined(claim: Claim, tenantId: TenantId, values: readonly unknown[]): boolean {
  const { constants } = claim
  if (constants === undefined) return false
  const key = claim.tenantKey(tenantId)
  if (key === undefined) return false
  const text = String(key)
  for (const constant of constants) {
    const expected = canonicalText(text, constant.family)
    if (expected === undefined || !isTenant(constant, expected, values)) return false
  }
  return true
}

function isTenant(constant: Constant, expected: string, values: readonly unknown[]): boolean {
  if (constant.kind === 'literal') return constant.text === expected
  const value = values[constant.index - 1]
  if (constant.kind === 'parameter') return isSame(value, constant, expected)
  if (!Array.isArray(value) || value.length === 0) return false
  // Not every(): it passes over the holes of a list, which are sent as NULL.
  for (const element of value) if (!isSame(element, constant, expected)) return false
  return true
}

function isSame(value: unknown, { family }: Constant, expected: string): boolean {
  const text = wireText(value)
  return text !== undefined && canonicalText(text, family) === expected
}
