import { type Body, bodyOf, fields, list, name, only, tagged } from '../parse/syntax-tree.ts'
import { type Leaf, nothingKnown, type Query } from '../proof/model.ts'
import { resolveItem } from './namespace.ts'
import type { Place } from './translation.ts'
import { sortKey } from './walk.ts'

/** Rows of a table that are among rows of the same table, told by where they are stored. */
export interface StoredRows {
  readonly leaf: Leaf
  /** The query for the other rows, without the places: those tell of all tenants. */
  readonly subselect: unknown
}

/**
 * `ctid IN (SELECT ctid FROM …)`, by which rows are changed in parts. Both mentions of the table are
 * proved like all others; what is compared then are rows of one tenant with themselves. With
 * partitions or children, rows of several tables would have one place.
 */
export function storedRows(
  tested: unknown,
  subselect: unknown,
  place: Place,
): StoredRows | undefined {
  const qualifiers = placeOf(tested)
  if (qualifiers === undefined) return undefined
  const { items, block } = place.scope
  const [item] = items.length === 1 ? items : []
  const found =
    qualifiers.length === 0 ? item && { item, level: block } : resolveItem(place.scope, qualifiers)
  const leaf = found?.item.leaf
  if (found?.level !== block || leaf?.relation?.live?.isPlain !== true) return undefined
  const select = withoutPlaces(subselect)
  if (select === undefined) return undefined
  for (const seen of place.seen) seen.push({ value: nothingKnown, levels: [block], certain: true })
  return { leaf, subselect: select }
}

/** Whether the query looks at the table itself, and at nothing else. */
export function findsRowsOf(query: Query, { relation }: Leaf): boolean {
  if (query.kind !== 'block' || query.from?.kind !== 'leaf') return false
  const { leaf } = query.from
  return leaf.query === undefined && leaf.relation === relation
}

/** What stands before `ctid`, where this is such a column. */
function placeOf(node: unknown): readonly string[] | undefined {
  const [tag, body] = tagged(node)
  if (tag !== 'ColumnRef') return undefined
  const path = list(body['fields'])
  const [, last] = tagged(path.at(-1))
  if (last['sval'] !== 'ctid') return undefined
  return path.slice(0, -1).map(name)
}

/** The same query, giving something else than its only column, the place. */
function withoutPlaces(node: unknown): unknown {
  const body = only(node, 'SelectStmt')
  const [qualifiers] = list(body['targetList']).map((each) => placeOf(tagged(each)[1]['val']))
  if (qualifiers === undefined) return undefined
  const [alias] = list(body['fromClause']).map((each) => aliasOf(tagged(each)[1]))
  if (qualifiers.length > 0 && qualifiers.join('.') !== alias) return undefined
  // By its number or a name of its own, rows would be in the order in which they are stored.
  const isNamed = list(body['targetList']).some((each) => tagged(each)[1]['name'] !== undefined)
  const keys = [...list(body['sortClause']).map(sortKey), ...list(body['groupClause'])]
  if (isNamed || keys.some((key) => tagged(key)[0] === 'A_Const')) return undefined
  const nothing = { ResTarget: { val: { A_Const: { ival: { ival: 1 } } } } }
  return { SelectStmt: { ...body, targetList: [nothing] } }
}

/** The name by which a table is known in its query, its columns having the names that they have. */
function aliasOf({ relname, alias }: Body): unknown {
  return alias === undefined ? relname : fields(bodyOf(alias), ['aliasname']).aliasname
}
