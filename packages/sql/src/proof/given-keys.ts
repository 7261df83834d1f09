import type { Family } from '../schema/column-type.ts'
import type { TenantKey } from '../schema/tenant-schema.ts'
import { outputOf } from '../translate/outputs.ts'
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
  if (query.kind !== 'block') return []
  const proof = createOutputProof()
  return (query.outputs.positions ?? []).flatMap((_, position): GivenColumn[] => {
    const term = outputOf(query.outputs, `#${position}`)?.term
    const live = term?.leaf.relation?.live
    const isKey = live?.rowKeys.some(({ column }) => column === term?.column) === true
    if (term === undefined || live === undefined || !isKey || query.gone === true) return []
    const { column, family } = term
    const key = { column, family, parent: live.key, parentColumn: column }
    const owned = proof.ownersOfColumn(query, `#${position}`, key)
    return owned === undefined
      ? []
      : [
          {
            position,
            key: `${live.key}.${column}`,
            family,
            constants: owned.constants,
            ...(owned.keys === undefined ? {} : { keys: owned.keys }),
            tenantKey: owned.owner.tenantKey,
          },
        ]
  })
}
