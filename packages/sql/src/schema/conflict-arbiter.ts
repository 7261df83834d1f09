import type { UniqueIndex } from './catalogue.ts'

/** What ON CONFLICT names: key columns, a constraint, or nothing. */
export type ConflictTarget =
  | {
      readonly kind: 'columns'
      readonly columns: readonly string[]
      /** Whether it names expressions beside them. */
      readonly expressions: boolean
    }
  | { readonly kind: 'constraint'; readonly name: string }
  | { readonly kind: 'any' }

/**
 * Whether a row that conflicts is always the tenant's own: every index that can be meant has the
 * owner as a key column, compared by plain equality.
 */
export function meetsOwnRowsOnly(
  uniques: readonly UniqueIndex[],
  target: ConflictTarget,
  owner: string,
): boolean {
  const meant = uniques.filter((index) => canMean(index, target))
  // Without a target and without such an index nothing ever conflicts.
  const isKnown = target.kind === 'any' || meant.length > 0
  return isKnown && meant.every((index) => hasOwner(index, owner))
}

function canMean(index: UniqueIndex, target: ConflictTarget): boolean {
  if (target.kind === 'any') return true
  if (target.kind === 'constraint') return index.constraint === target.name
  if (index.kind !== 'unique') return false
  const keys = new Set(index.keys.map((key) => key?.column))
  const hasAll = target.columns.every((column) => keys.has(column))
  // Nobody says which key an expression is of: each that has the columns can be meant.
  return hasAll && (target.expressions || keys.size === new Set(target.columns).size)
}

function hasOwner({ keys }: UniqueIndex, owner: string): boolean {
  return keys.some((key) => key?.plain === true && key.column === owner)
}
