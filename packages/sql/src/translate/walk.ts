import { fields, list, only } from '../parse/syntax-tree.ts'
import { unsupported } from '../parse/unprovable.ts'
import { nothingKnown, type Value } from '../proof/model.ts'
import { type Place, useAnyhow } from './translation.ts'

/** An expression whose place decides the type of a bare parameter: the caller says which. */
export function operand(node: unknown, place: Place): Value {
  return place.translation.grammar.operand(node, place)
}

/** An expression in a place where a bare parameter may have any type. */
export function expression(node: unknown, place: Place): Value {
  return useAnyhow(place.translation, operand(node, place))
}

/** Expressions of which nothing needs to be known. */
export function expressions(nodes: unknown, place: Place): Value {
  for (const node of list(nodes)) expression(node, place)
  return nothingKnown
}

export function optional(node: unknown, place: Place): Value {
  return node === undefined ? nothingKnown : expression(node, place)
}

/** One step into an array; a step into a row may be a function of it, so it is not modelled. */
export function subscript(node: unknown, place: Place): void {
  const { lidx, uidx } = fields(only(node, 'A_Indices'), ['is_slice', 'lidx', 'uidx'])
  optional(lidx, place)
  optional(uidx, place)
}

/** ORDER BY as it stands in aggregates and windows. */
export function sortKeys(keys: unknown, place: Place): void {
  for (const key of list(keys)) expression(sortKey(key), place)
}

/** What one key of an ORDER BY sorts by. */
export function sortKey(key: unknown): unknown {
  const sort = fields(only(key, 'SortBy'), ['node', 'sortby_dir', 'sortby_nulls', 'useOp'])
  if (sort.useOp !== undefined) throw unsupported('ORDER BY … USING')
  return sort.node
}
