import { type Block, type Leaf, type Query, termOf } from '../proof/model.ts'

/**
 * Whether the query reads nothing but the row that each row of `leaf` refers to as its owner, and the
 * rows that that one refers to: the tenant's, where the row is. A policy of a table that is owned
 * through others asks for them, and says the same of the tenant's rows whatever others have.
 */
export function readsParentRows(query: Query, leaf: Leaf): boolean {
  if (query.kind !== 'block') return false
  const { from, rowSites, outputSites, outerSites } = query
  const sites = [...rowSites, ...outputSites, ...outerSites]
  if (from === undefined) return sites.every((site) => readsParentRows(site, leaf))
  if (from.kind !== 'leaf') return false
  const parent = from.leaf
  return (
    isParent(parent, leaf, query) &&
    [...sites, ...parent.sites].every((site) => readsParentRows(site, parent))
  )
}

/** By a key that holds at every moment; a conjunct of WHERE, whatever stands beside it. */
function isParent(parent: Leaf, leaf: Leaf, { where }: Block): boolean {
  const keys = leaf.relation?.live?.through ?? []
  return keys.some((key) => {
    if (parent.relation?.live?.key !== key.parent) return false
    const its = termOf(parent, key.parentColumn, key.family)
    const own = termOf(leaf, key.column, key.family)
    return where.some(
      ({ left, right, orNull, saidBy }) =>
        orNull !== true &&
        saidBy === undefined &&
        ((left === its && right === own) || (left === own && right === its)),
    )
  })
}
