import {
  type Block,
  type Constant,
  emptyBlock,
  nothingKnown,
  type Query,
  type Value,
} from './model.ts'
import { ownerTerm, type Scope } from './namespace.ts'
import { onConflict } from './on-conflict.ts'
import { type Body, fields, list, only, tagged, text } from './syntax-tree.ts'
import { type Place, type QuerySite, useAnyhow } from './translation.ts'
import { unsupported } from './unprovable.ts'
import { operand, subscript } from './walk.ts'
import { translateWith } from './with-clause.ts'
import { returning, type Target, targetOf, typed } from './write-statement.ts'

/** INSERT: every row's owner is the tenant. */
export function translateInsert(body: Body, outer: QuerySite): Query {
  const insert = fields(body, [
    'relation',
    'cols',
    'selectStmt',
    'onConflictClause',
    'returningClause',
    'withClause',
    'override',
  ])
  if (insert.override === 'OVERRIDING_USER_VALUE') throw unsupported('OVERRIDING USER VALUE')
  const site = { ...outer, action: 'insert' }
  const block = emptyBlock()
  block.barrier = true
  const ctes = translateWith(insert.withClause, site)
  const inside = { ...site, ctes: ctes.scope }
  const target = targetOf(insert.relation, inside)
  const values: Place = {
    ...inside,
    scope: { parent: site.parent, items: [], block: emptyBlock() },
    sites: block.outerSites,
  }
  const position = ownerPosition(insert.cols, target, values)
  const source = insert.selectStmt === undefined ? undefined : tagged(insert.selectStmt)
  if (source === undefined) {
    if (target.column !== undefined) block.writes.push({ target: target.leaf, value: undefined })
  } else {
    const { valuesLists } = source[1]
    if (source[0] === 'SelectStmt' && valuesLists !== undefined) {
      insertValues(source[1], { target, position, place: values, block })
    } else {
      insertQuery(insert.selectStmt, { target, position, place: values, block })
    }
  }
  const scope: Scope = { parent: site.parent, items: target.part.items, block }
  const row: Place = { ...inside, scope, sites: block.outputSites }
  if (insert.onConflictClause !== undefined) onConflict(insert.onConflictClause, target, row)
  returning(insert.returningClause, row, block)
  block.outerSites.push(...ctes.unreferenced())
  return block
}

/** Where in a row the owner stands; `undefined` where it is not listed, or nobody knows. */
function ownerPosition(cols: unknown, target: Target, place: Place): number | undefined {
  if (cols === undefined) {
    const columns = target.leaf.relation?.table.columns
    const position = columns?.indexOf(target.column ?? '') ?? -1
    return position < 0 ? undefined : position
  }
  let found: number | undefined
  list(cols).forEach((column, i) => {
    const { name, indirection } = fields(only(column, 'ResTarget'), ['name', 'indirection'])
    for (const step of list(indirection)) subscript(step, place)
    if (text(name) !== target.column || target.column === undefined) return
    if (found !== undefined || indirection !== undefined) throw unsupported('the owner in parts')
    found = i
  })
  return found
}

interface Rows {
  readonly target: Target
  readonly position: number | undefined
  readonly place: Place
  readonly block: Block
}

function insertValues(select: Body, { target, position, place, block }: Rows): void {
  const { valuesLists } = fields(select, ['valuesLists', 'limitOption', 'op'])
  const constants: Constant[] = []
  let isKnown = true
  for (const row of list(valuesLists)) {
    const owner = rowOwner(
      list(fields(only(row, 'List'), ['items']).items),
      position,
      target,
      place,
    )
    if (owner === undefined) isKnown = false
    else constants.push(...owner)
  }
  if (target.column === undefined) return
  const value: Value | undefined = isKnown ? { constants } : undefined
  block.writes.push({ target: target.leaf, value })
  const term = ownerTerm(target.leaf)
  if (isKnown && term !== undefined) block.where.push({ left: term, right: constants })
}

/** Visits a row of VALUES; the constants that its owner must equal. */
function rowOwner(
  items: readonly unknown[],
  position: number | undefined,
  { family }: Target,
  place: Place,
): readonly Constant[] | undefined {
  let owner: readonly Constant[] | undefined
  items.forEach((item, i) => {
    const value = operand(item, place)
    if (i === position && family !== undefined) owner = typed(value, family, place).constants
    else useAnyhow(place.translation, value)
  })
  return owner
}

function insertQuery(node: unknown, { target, position, place, block }: Rows): void {
  const query = place.translation.grammar.query(node, {
    ...place,
    parent: place.scope.parent,
    violation: 'missing_relation_filter',
    written: (column) => (column === position ? target.family : undefined),
  })
  block.outerSites.push(query)
  if (target.column === undefined) return
  block.writes.push(
    position === undefined
      ? { target: target.leaf, value: undefined }
      : { target: target.leaf, value: nothingKnown, source: [query, position] },
  )
}
