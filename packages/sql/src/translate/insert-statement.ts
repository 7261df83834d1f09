import { type Body, fields, list, only, text } from '../parse/syntax-tree.ts'
import { unsupported } from '../parse/unprovable.ts'
import { append } from '../proof/append.ts'
import { equalsFound } from '../proof/facts.ts'
import {
  type Block,
  type Constant,
  emptyBlock,
  type Query,
  termOf,
  type Value,
} from '../proof/model.ts'
import { foundBy } from './found-rows.ts'
import type { Scope } from './namespace.ts'
import { onConflict } from './on-conflict.ts'
import { outputFamily } from './outputs.ts'
import { type Place, type QuerySite, useAnyhow } from './translation.ts'
import { operand, subscript } from './walk.ts'
import { translateWith } from './with-clause.ts'
import {
  afterwards,
  keyOrOwner,
  type OwnerColumn,
  refuseDefaults,
  returning,
  type Target,
  targetOf,
  typed,
  type WrittenValue,
  write,
} from './write-statement.ts'

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
  block.inserts = true
  const ctes = translateWith(insert.withClause, site)
  const inside = { ...site, ctes: ctes.scope }
  const target = targetOf(insert.relation, inside)
  // It stands in no FROM: what its policies ask is asked of the new rows.
  block.rowSites.push(...target.leaf.sites)
  const values: Place = {
    ...inside,
    scope: { parent: site.parent, items: [], block: emptyBlock() },
    sites: block.outerSites,
  }
  const rows: Rows = {
    target,
    places: ownerPlaces(insert.cols, target, values),
    place: values,
    block,
    mayConflict: insert.onConflictClause !== undefined,
  }
  let inserted: readonly Constant[] | undefined
  if (insert.selectStmt === undefined) {
    for (const owner of target.owners) write(target, owner, { value: undefined }, block)
  } else {
    const select = only(insert.selectStmt, 'SelectStmt')
    if (select['valuesLists'] === undefined) insertQuery(insert.selectStmt, rows)
    else inserted = insertValues(select, rows)
  }
  const scope: Scope = { parent: site.parent, items: target.part.items, block }
  const row: Place = { ...inside, scope, sites: block.outputSites }
  const conflict = insert.onConflictClause
  const after =
    conflict === undefined
      ? scope
      : afterwards(scope, target, onConflict(conflict, inserted, target, row))
  returning(insert.returningClause, target, { ...row, scope: after }, block)
  block.outerSites.push(...ctes.unreferenced())
  return block
}

/** Where in a row each owner stands: nowhere, at -1, where it is not listed, or nobody knows. */
export function ownerPlaces(
  cols: unknown,
  { owners, leaf }: Target,
  place: Place,
): readonly OwnerPlace[] {
  const columns = leaf.relation?.table.columns
  const listed = cols === undefined ? columns : columnsOf(cols, owners, place)
  // Without a list, a row may hold fewer values than the table has columns.
  refuseDefaults(leaf, cols === undefined ? [] : (listed ?? []), place.translation)
  return owners.map((owner) => ({ owner, position: (listed ?? []).indexOf(owner.column) }))
}

function columnsOf(cols: unknown, owners: Target['owners'], place: Place): readonly string[] {
  const found = new Set<string>()
  return list(cols).map((column) => {
    const { name, indirection } = fields(only(column, 'ResTarget'), ['name', 'indirection'])
    for (const step of list(indirection)) subscript(step, place)
    const isOwner = owners.some((owner) => owner.column === text(name))
    if (isOwner && (found.has(text(name)) || indirection !== undefined)) {
      throw unsupported('the owner in parts')
    }
    found.add(text(name))
    return text(name)
  })
}

export interface OwnerPlace {
  readonly owner: OwnerColumn
  readonly position: number
}

interface Rows {
  readonly target: Target
  readonly places: readonly OwnerPlace[]
  readonly place: Place
  readonly block: Block
  /** Then a row that RETURNING gives may be one that was there before. */
  readonly mayConflict: boolean
}

/** Gives what the owner must equal in each of the rows, for a table that has one. */
function insertValues(
  select: Body,
  { target, places, place, block }: Rows,
): readonly Constant[] | undefined {
  const { valuesLists } = fields(select, ['valuesLists', 'limitOption', 'op'])
  const rows: (readonly Value[])[] = list(valuesLists).map((row) =>
    list(fields(only(row, 'List'), ['items']).items).map((item) => operand(item, place)),
  )
  for (const further of place.translation.furtherRows) {
    rows.push(further.map((parameter) => ({ parameter })))
  }
  place.translation.furtherRows = []
  for (const row of rows) {
    row.forEach((value, i) => {
      if (places.every(({ position }) => position !== i)) useAnyhow(place.translation, value)
    })
  }
  let owners: readonly Constant[] | undefined
  for (const { owner, position } of places) {
    if (owner.key !== undefined) {
      for (const row of rows) {
        const value = row[position]
        const written = value && typed(value, owner.family, place)
        write(target, owner, keyOrOwner(owner, written), block)
      }
      continue
    }
    owners = constantsIn(rows, { owner, position }, place)
    write(target, owner, { value: { constants: owners } }, block)
    if (owners !== undefined) {
      const left = termOf(target.leaf, owner.column, owner.family)
      block.where.push({ left, right: owners })
    }
  }
  return owners
}

/** What the owner must equal in each of the rows; `undefined` where one of them does not say. */
function constantsIn(
  rows: readonly (readonly Value[])[],
  { owner, position }: OwnerPlace,
  place: Place,
): readonly Constant[] | undefined {
  const constants: Constant[] = []
  for (const row of rows) {
    const value = row[position]
    const found = value && typed(value, owner.family, place).constants
    if (found === undefined) return undefined
    append(constants, found)
  }
  return constants
}

function insertQuery(node: unknown, { target, places, place, block, mayConflict }: Rows): void {
  const query = place.translation.grammar.query(node, {
    ...place,
    parent: place.scope.parent,
    violation: 'missing_relation_filter',
    written: (column) => places.find(({ position }) => position === column)?.owner.family,
  })
  block.outerSites.push(query)
  for (const { owner, position } of places) {
    write(target, owner, selected(query, position, owner), block)
    if (!mayConflict) {
      const left = termOf(target.leaf, owner.column, owner.family)
      block.where.push(...equalsFound(left, foundBy(query, position)))
    }
  }
}

/** What is selected must be of the owner's type: as a text, a uuid has another spelling than it was sent in. */
function selected(query: Query, position: number, { key, family }: OwnerColumn): WrittenValue {
  const found = outputFamily(query, `#${position}`)
  // A key is that of one column, which has its type.
  if (key !== undefined || found === family) return { value: undefined, source: [query, position] }
  const because = found && `the owner is ${family}, and ${found} is selected`
  return { value: undefined, because }
}
