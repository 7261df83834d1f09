import { type Body, bodyOf, fields, list, only, text } from '../parse/syntax-tree.ts'
import { constantsEqualTo } from '../proof/facts.ts'
import { type Column, type Constant, nothingKnown } from '../proof/model.ts'
import { type ConflictTarget, meetsOwnRowsOnly } from '../schema/conflict-arbiter.ts'
import { type Item, itemOf, ownerTerm } from './namespace.ts'
import type { Place } from './translation.ts'
import { expression, optional } from './walk.ts'
import { assign, reaches, type Target, write } from './write-statement.ts'

/**
 * ON CONFLICT: the rows that it can meet must be the tenant's. What it meets depends on the keys of
 * the table: without a catalogue the owner must be among the columns that it names. Gives the columns
 * that it sets.
 */
export function onConflict(
  clause: unknown,
  inserted: readonly Constant[] | undefined,
  target: Target,
  place: Place,
): readonly string[] {
  const conflict = fields(bodyOf(clause), ['action', 'infer', 'targetList', 'whereClause'])
  const { block } = place.scope
  const row: Place = { ...place, sites: block.rowSites }
  const meant = conflict.infer === undefined ? any : infers(bodyOf(conflict.infer), row)
  const excluded = excludedItem(target, inserted)
  const inside: Place = {
    ...row,
    scope: { ...place.scope, items: [...place.scope.items, excluded] },
  }
  const changed = list(conflict.targetList).map((each) =>
    assign(each, target, inside, excluded.known),
  )
  const { facts = [] } = optional(conflict.whereClause, inside)
  if (!meetsOwn(meant, target)) {
    const term = ownerTerm(target.leaf)
    const chosen = term && constantsEqualTo(term, facts)
    const told = isOracle(target) && (conflict.action === 'ONCONFLICT_NOTHING' || chosen)
    if (!told) write(target, {}, { value: undefined, because: foreignConflict }, block)
    else if (chosen !== undefined) write(target, {}, { value: { constants: chosen } }, block)
  }
  reaches(target, target.leaf.relation?.live?.effects.onUpdate(changed), block)
  return changed
}

const any: ConflictTarget = { kind: 'any' }
const foreignConflict =
  'ON CONFLICT can meet a row of another tenant: name a key that has the owner column, or declare keyOracle and compare the owner in its WHERE'

function meetsOwn(meant: ConflictTarget | undefined, { leaf, owners }: Target): boolean {
  if (meant === undefined) return owners.length === 0
  const uniques = leaf.relation?.live?.uniques
  return owners.every(({ column }) =>
    uniques === undefined
      ? meant.kind === 'columns' && !meant.expressions && meant.columns.includes(column)
      : meetsOwnRowsOnly(uniques, meant, column),
  )
}

function isOracle({ leaf }: Target): boolean {
  const table = leaf.relation?.table
  return table?.kind === 'owner' && table.keyOracle
}

/** What it names; `undefined` where it also names a collation or a class of operators. */
function infers(infer: Body, place: Place): ConflictTarget | undefined {
  const { indexElems, whereClause, conname } = fields(infer, [
    'indexElems',
    'whereClause',
    'conname',
  ])
  const columns: string[] = []
  let isPlain = true
  let expressions = false
  for (const element of list(indexElems)) {
    const index = fields(only(element, 'IndexElem'), [
      'name',
      'expr',
      'collation',
      'opclass',
      'ordering',
      'nulls_ordering',
    ])
    isPlain &&= index.collation === undefined && index.opclass === undefined
    if (index.name === undefined) {
      expression(index.expr, place)
      expressions = true
    } else columns.push(text(index.name))
  }
  optional(whereClause, place)
  if (conname !== undefined) return { kind: 'constraint', name: text(conname) }
  return isPlain ? { kind: 'columns', columns, expressions } : undefined
}

/** The row that was to be inserted: its owner is what the rows of VALUES say. */
function excludedItem({ item, owners }: Target, constants: readonly Constant[] | undefined): Item {
  const positions = item.positions?.map(([column]): Column => [column, nothingKnown])
  const known = new Map(owners.map(({ column }) => [column, { constants }]))
  return { ...itemOf('excluded', positions, known), open: item.open }
}
