import type { Family } from '../schema/column-type.ts'
import type { TenantKey } from '../schema/tenant-schema.ts'
import type { Constant, KeyNeed, Query } from './model.ts'
import { createOutputProof } from './output-proof.ts'

/** A column of the reply that holds, in every row, the key of a row that is the tenant's. */
export interface GivenColumn {
  readonly position: number
  /** `schema.table.column`. */
  readonly key: string
  readonly family: Family
  /** What must be the tenant for that. */
  readonly constants: readonly Constant[]
  readonly keys?: readonly KeyNeed[]
  readonly tenantKey: TenantKey
}

/** The keys that a statement gives, where it gives back the columns of tables. */
export function givenKeys(query: Query): readonly GivenColumn[] {
  if ('gone' in query) return []
  const proof = createOutputProof()
  return (query.outputs.positions ?? []).flatMap(([, { term }], position): GivenColumn[] => {
    const live = term?.leaf.relation?.live
    const row = live?.rowKeys.find(({ column }) => column === term?.column)
    if (row === undefined) return []
    const parent = live?.key ?? ''
    const key = { ...row, parent, parentColumn: row.column }
    const owned = proof.ownersOfColumn(query, `#${position}`, key)
    if (owned === undefined) return []
    const { owner, ...when } = owned
    const { family, column } = row
    return [{ position, key: `${parent}.${column}`, family, ...when, tenantKey: owner.tenantKey }]
  })
}
