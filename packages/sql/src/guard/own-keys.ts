import type { TenantContext } from '@partywall/context'
import { canonicalText, type Family, wireText } from '../schema/column-type.ts'

/**
 * Keys of rows that statements of one call have given, and that are the tenant's: a client that reads
 * the keys first and then writes by them is confined by what it was given.
 */
export interface OwnKeys {
  /** @param key - `schema.table.column` */
  has(tenant: Pick<TenantContext, 'tenantId' | 'env'>, key: string, value: string): boolean
  /** Takes what a confined statement has given. */
  take(receipt: Receipt, rows: readonly (readonly unknown[])[]): void
}

/** Which columns of its reply are keys of the tenant's rows. */
export interface Receipt {
  /** Whose the rows are. */
  readonly tenant: Pick<TenantContext, 'tenantId' | 'env'>
  readonly columns: readonly GivenKey[]
}

export interface GivenKey {
  readonly position: number
  /** `schema.table.column`. */
  readonly key: string
  readonly family: Family
}

/** More rows than one call of a client reads by keys. */
const maxKeys = 100_000

export function createOwnKeys(): OwnKeys {
  const known = new Set<string>()
  return {
    has: (tenant, key, value) => known.has(nameOf(tenant, key, value)),
    take({ tenant, columns }, rows) {
      for (const { position, key, family } of columns) {
        for (const row of rows) {
          const text = wireText(row[position])
          const value = text === undefined ? undefined : canonicalText(text, family)
          if (value !== undefined && known.size < maxKeys) known.add(nameOf(tenant, key, value))
        }
      }
    },
  }
}

function nameOf({ tenantId, env }: Receipt['tenant'], key: string, value: string): string {
  return JSON.stringify([tenantId, env, key, value])
}
