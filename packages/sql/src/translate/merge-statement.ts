import { type Body, fields, list, only } from '../parse/syntax-tree.ts'
import { unsupported } from '../parse/unprovable.ts'
import { emptyBlock, type Query } from '../proof/model.ts'
import { firstOfFrom } from './from-clause.ts'
import { ownerPlaces } from './insert-statement.ts'
import type { Scope } from './namespace.ts'
import { type Place, type QuerySite, useAnyhow } from './translation.ts'
import { operand, optional } from './walk.ts'
import { translateWith } from './with-clause.ts'
import {
  afterwards,
  assign,
  keyOrOwner,
  reaches,
  returning,
  type Target,
  targetOf,
  typed,
  write,
} from './write-statement.ts'

const clauseFields = [
  'matchKind',
  'commandType',
  'override',
  'condition',
  'targetList',
  'values',
] as const
type Clause = Readonly<Partial<Record<(typeof clauseFields)[number], unknown>>>

/**
 * MERGE: a join of the target with the source. Where rows without a match matter, the source is
 * what an outer join preserves: ON confines the target alone.
 */
export function translateMerge(body: Body, outer: QuerySite): Query {
  const merge = fields(body, [
    'relation',
    'sourceRelation',
    'joinCondition',
    'mergeWhenClauses',
    'returningClause',
    'withClause',
  ])
  const site = { ...outer, action: 'merge' }
  const block = emptyBlock()
  const ctes = translateWith(merge.withClause, site)
  const inside = { ...site, ctes: ctes.scope }
  const target = targetOf(merge.relation, inside)
  const beside = { ...inside, violation: 'missing_relation_filter' as const }
  const source = firstOfFrom(merge.sourceRelation, beside, block)
  // In RETURNING a star gives the columns of the source first.
  const items = [...source.items, ...target.part.items]
  const both: Scope = { parent: site.parent, items, block }
  const sites: Query[] = []
  const on = optional(merge.joinCondition, { ...inside, scope: both, sites }).facts ?? []
  const clauses = list(merge.mergeWhenClauses).map((clause) =>
    fields(only(clause, 'MergeWhenClause'), clauseFields),
  )
  const kind = clauses.some(({ matchKind }) => matchKind !== 'MERGE_WHEN_MATCHED')
    ? 'left'
    : 'inner'
  block.from = { kind, left: source.tree, right: target.part.tree, on, sites }
  const matched: Place = { ...inside, scope: both, sites: block.rowSites }
  const unmatched: Place = { ...matched, scope: { ...both, items: source.items } }
  for (const clause of clauses) mergeAction(clause, target, { matched, unmatched })
  const after = afterwards(both, target)
  const output = { ...matched, scope: after, sites: block.outputSites }
  returning(merge.returningClause, target, output, block)
  block.outerSites.push(...ctes.unreferenced())
  return block
}

function mergeAction(
  clause: Clause,
  target: Target,
  { matched, unmatched }: { readonly matched: Place; readonly unmatched: Place },
): void {
  const { matchKind, commandType } = clause
  const effects = target.leaf.relation?.live?.effects
  const { block } = matched.scope
  const isMatched = matchKind === 'MERGE_WHEN_MATCHED'
  if (!isMatched && matchKind !== 'MERGE_WHEN_NOT_MATCHED_BY_TARGET') {
    throw unsupported('WHEN NOT MATCHED BY SOURCE')
  }
  optional(clause.condition, isMatched ? matched : unmatched)
  if (commandType === 'CMD_UPDATE') {
    const changed = list(clause.targetList).map((each) => assign(each, target, matched))
    reaches(target, effects?.onUpdate(changed), block)
  } else if (commandType === 'CMD_DELETE') {
    reaches(target, effects?.onDelete(), block)
  } else if (commandType === 'CMD_INSERT') {
    mergeInsert(clause, target, unmatched)
  } else if (commandType !== 'CMD_NOTHING') {
    throw unsupported('an action of MERGE')
  }
}

function mergeInsert(clause: Clause, target: Target, place: Place): void {
  if (clause.override === 'OVERRIDING_USER_VALUE') throw unsupported('OVERRIDING USER VALUE')
  const values = list(clause.values).map((value) => operand(value, place))
  const places = ownerPlaces(clause.targetList, target, place)
  values.forEach((value, i) => {
    if (places.every(({ position }) => position !== i)) useAnyhow(place.translation, value)
  })
  for (const { owner, position } of places) {
    const value = values[position]
    const written = value && typed(value, owner.family, place)
    write(target, owner, keyOrOwner(owner, written), place.scope.block)
  }
}
