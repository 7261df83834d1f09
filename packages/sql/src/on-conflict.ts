import { type Column, type Leaf, nothingKnown, type Value } from './model.ts'
import { type Item, itemOf, ownerTerm } from './namespace.ts'
import { type Body, bodyOf, fields, list, only, text } from './syntax-tree.ts'
import type { Place } from './translation.ts'
import { expression, optional } from './walk.ts'
import { assign, type Target } from './write-statement.ts'

/**
 * ON CONFLICT: the rows that it can meet must be the tenant's, so the owner is one of the columns
 * that it names. Without names, or with a constraint's, any unique index could be meant.
 */
export function onConflict(clause: unknown, target: Target, place: Place): void {
  const conflict = fields(bodyOf(clause), ['action', 'infer', 'targetList', 'whereClause'])
  const { block } = place.scope
  const row: Place = { ...place, sites: block.rowSites }
  const isOwn = conflict.infer !== undefined && infers(bodyOf(conflict.infer), target, row)
  if (!isOwn && target.column !== undefined) {
    block.writes.push({ target: target.leaf, value: undefined })
  }
  const excluded = excludedItem(target, block.where[0]?.right)
  const inside: Place = {
    ...row,
    scope: { ...place.scope, items: [...place.scope.items, excluded] },
  }
  for (const assignment of list(conflict.targetList)) assign(assignment, target, inside)
  // It chooses among rows that conflict: of the rows that do not, it says nothing.
  optional(conflict.whereClause, inside)
}

function infers(infer: Body, target: Target, place: Place): boolean {
  const { indexElems, whereClause } = fields(infer, ['indexElems', 'whereClause', 'conname'])
  let found = false
  for (const element of list(indexElems)) {
    const index = fields(only(element, 'IndexElem'), [
      'name',
      'expr',
      'collation',
      'opclass',
      'ordering',
      'nulls_ordering',
    ])
    if (index.expr !== undefined) expression(index.expr, place)
    const isPlain = index.collation === undefined && index.opclass === undefined
    found ||= isPlain && index.name !== undefined && text(index.name) === target.column
  }
  optional(whereClause, place)
  return found
}

/** The row that was to be inserted: its owner is what the rows of VALUES say. */
function excludedItem(target: Target, owner: unknown): Item {
  const leaf: Leaf = { ...target.leaf, terms: new Map() }
  const term = ownerTerm(leaf)
  const known = new Map<string, Value>()
  if (term !== undefined && Array.isArray(owner)) known.set(term.column, { constants: owner })
  const positions = target.item.positions?.map(
    ([column]): Column => [column, known.get(column ?? '') ?? nothingKnown],
  )
  return itemOf('excluded', positions, known)
}
