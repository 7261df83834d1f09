import { PartywallError } from './partywall-error.ts'
import { shapeOf } from './shape.ts'

declare const tenantIdBrand: unique symbol

/** A tenant's id that passed {@link parseTenantId}: safe in a path, a key, a header and a label. */
export type TenantId = string & { readonly [tenantIdBrand]: true }

/** The ids accepted by default: 1–63 of `a-z`, `0-9` and inner `-`. */
export const tenantIdPattern: RegExp = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** No option widens ids beyond this: one segment of a path, key, header value or metric label. */
const safePattern = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9_])?$/

export interface TenantIdOptions {
  /**
   * Ids to accept instead, say `/^t_[a-z0-9]+$/`; it can allow `_` and `.`, never more.
   * @defaultValue {@link tenantIdPattern}
   */
  readonly pattern?: RegExp | undefined
}

/**
 * The only way to a {@link TenantId}. Nothing is trimmed or folded.
 * @throws {@link PartywallError} `tenant.missing` for `undefined` and `null`, `tenant.invalid` for
 * everything else that is no id. The message tells the shape of the input, never the input.
 */
export function parseTenantId(value: unknown, options: TenantIdOptions = {}): TenantId {
  if (value === undefined || value === null) {
    throw new PartywallError('tenant.missing', 'no tenant id was given')
  }
  const { pattern = tenantIdPattern } = options
  if (!isTenantId(value, pattern)) {
    throw new PartywallError(
      'tenant.invalid',
      `the tenant id is ${shapeOf(value)}; expected 1–63 characters matching ${pattern.source}`,
    )
  }
  return value
}

function isTenantId(value: unknown, pattern: RegExp): value is TenantId {
  if (typeof value !== 'string' || !safePattern.test(value)) return false
  // A caller's pattern may be global or sticky: it must not remember where it stopped.
  pattern.lastIndex = 0
  return pattern.exec(value)?.[0] === value
}
