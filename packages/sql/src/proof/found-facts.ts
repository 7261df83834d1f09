import { spend } from './effort.ts'
import { factsOfTree, leavesNamed, reduce } from './join-positions.ts'
import type { Block, Equality, Leaf, Query } from './model.ts'

/** Whether what is evaluated after grouping can be evaluated for no row of the block at all. */
export function rowsAreVoid(block: Block): boolean {
  return block.groupingSets || (block.aggregated && block.grouped === undefined)
}

/** Whether each row that the query emits comes from a row of its FROM that passed its WHERE. */
function findsRows(query: Query): query is Block {
  return query.kind === 'block' && !rowsAreVoid(query)
}

/** What must be so for the query to emit a row: a row was found for which its WHERE is true. */
export function factsOfFound(query: Query): readonly Equality[] {
  if (!findsRows(query)) return []
  const tree = query.from && reduce(query.from, leavesNamed(query.where))
  const inner = tree === undefined ? [] : factsOfTree(tree, foundIn)
  spend('facts', query.where.length + inner.length)
  return [...query.where, ...inner]
    .filter(({ orNull }) => orNull !== true)
    .map((fact) => ({ ...fact, saidBy: query }))
}

/** A row of a derived relation was found by its query. */
function foundIn({ query, shared }: Leaf): readonly Equality[] {
  return query !== undefined && shared !== true ? factsOfFound(query) : []
}
