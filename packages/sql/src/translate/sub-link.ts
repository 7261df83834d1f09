import { type Body, fields, list, name } from '../parse/syntax-tree.ts'
import { unsupported } from '../parse/unprovable.ts'
import { factsOfTree, leavesNamed, reduce } from '../proof/join-positions.ts'
import { type Block, type Equality, nothingKnown, type Query, type Value } from '../proof/model.ts'
import { rowsAreVoid } from '../proof/output-proof.ts'
import { operatorOf, refuseShadowed } from './operation.ts'
import { outputOf } from './outputs.ts'
import type { Place } from './translation.ts'
import { expression } from './walk.ts'

const kinds = new Set([
  'EXISTS_SUBLINK',
  'ALL_SUBLINK',
  'ANY_SUBLINK',
  'EXPR_SUBLINK',
  'ARRAY_SUBLINK',
])

/** A query inside an expression: proved where it stands, with the facts of that place. */
export function subLink(body: Body, place: Place): Value {
  const { subLinkType, testexpr, operName, subselect } = fields(body, [
    'subLinkType',
    'testexpr',
    'operName',
    'subselect',
  ])
  if (typeof subLinkType !== 'string' || !kinds.has(subLinkType)) throw unsupported('a subquery')
  if (operName !== undefined) operatorOf(operName, place)
  else refuseShadowed(['='], place.translation)
  const tested = testexpr === undefined ? nothingKnown : expression(testexpr, place)
  const query = place.translation.grammar.query(subselect, {
    translation: place.translation,
    parent: place.scope,
    ctes: place.ctes,
    seen: place.seen,
    action: place.action,
    violation: 'missing_relation_filter',
  })
  place.sites.push(query)
  if (subLinkType === 'EXISTS_SUBLINK') return { facts: factsOfFound(query) }
  if (subLinkType !== 'ANY_SUBLINK' || !isEquality(operName)) return nothingKnown
  const output = query.kind === 'block' ? outputOf(query.outputs, '#0')?.term : undefined
  const found = factsOfFound(query)
  if (tested.term === undefined || output?.family !== tested.term.family) return nothingKnown
  // A query that emits rows without finding any says nothing of its columns.
  if (!findsRows(query)) return nothingKnown
  return { facts: [{ left: tested.term, right: output, saidBy: query }, ...found] }
}

/** IN has no operator of its own. */
function isEquality(operName: unknown): boolean {
  return operName === undefined || list(operName).map(name).at(-1) === '='
}

/** Whether each row that the query emits comes from a row of its FROM that passed its WHERE. */
function findsRows(query: Query): query is Block {
  return query.kind === 'block' && !rowsAreVoid(query)
}

/** What must be so for the query to emit a row: a row was found for which its WHERE is true. */
function factsOfFound(query: Query): readonly Equality[] {
  if (!findsRows(query)) return []
  const tree = query.from && reduce(query.from, leavesNamed(query.where))
  const inner = tree === undefined ? [] : factsOfTree(tree, () => [])
  return [...query.where, ...inner]
    .filter(({ orNull }) => orNull !== true)
    .map((fact) => ({ ...fact, saidBy: query }))
}
