import type { TenantContext } from '@partywall/context'
import type { Constant } from '../proof/model.ts'
import { canonicalText, wireText } from '../schema/column-type.ts'
import type { OwnKeys } from './own-keys.ts'
import type { Claim } from './verdict.ts'

/** Whether everything that must be the tenant is the tenant, or a key of one of its rows. */
export function isConfined(
  claim: Pick<Claim, 'constants' | 'keys' | 'tenantKey'>,
  { tenantId, env }: Pick<TenantContext, 'tenantId' | 'env'>,
  values: readonly unknown[],
  own?: OwnKeys,
): boolean {
  const { constants, keys = [] } = claim
  if (constants === undefined) return false
  const key = claim.tenantKey(tenantId, env)
  if (key === undefined) return false
  const text = String(key)
  for (const constant of constants) {
    const expected = canonicalText(text, constant.family)
    if (expected === undefined || !all(constant, values, (value) => value === expected))
      return false
  }
  for (const need of keys) {
    const isOwn = (value: string): boolean => own?.has({ tenantId, env }, need.key, value) === true
    if (!need.constants.every((constant) => all(constant, values, isOwn))) return false
  }
  return true
}

/** Whether what is sent for the constant passes, in its canonical spelling. */
function all(
  constant: Constant,
  values: readonly unknown[],
  passes: (value: string) => boolean,
): boolean {
  if (constant.kind === 'literal') return passes(constant.text)
  const value = values[constant.index - 1]
  if (constant.kind === 'parameter') return isSent(value, constant, passes)
  if (!Array.isArray(value)) return false
  if (constant.kind === 'unnested') {
    // Where another array is longer, the rows behind this one have NULL in its place.
    const isLongest = constant.beside.every((index) => lengthOf(values[index - 1]) <= value.length)
    if (!isLongest) return false
  } else if (value.length === 0) return false
  // Not every(): it passes over the holes of a list, which are sent as NULL.
  for (const element of value) if (!isSent(element, constant, passes)) return false
  return true
}

/** How many rows a parameter becomes in FROM; endlessly many where nobody knows. */
function lengthOf(value: unknown): number {
  // Lists in a list are its rows.
  const isList = Array.isArray(value) && !value.some(Array.isArray)
  return isList ? value.length : Number.POSITIVE_INFINITY
}

function isSent(value: unknown, { family }: Constant, passes: (value: string) => boolean): boolean {
  const text = wireText(value)
  const canonical = text === undefined ? undefined : canonicalText(text, family)
  return canonical !== undefined && passes(canonical)
}
