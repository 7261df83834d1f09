import { type Body, fields } from '../parse/syntax-tree.ts'
import { unsupported } from '../parse/unprovable.ts'
import { equalsFound } from '../proof/facts.ts'
import { factsOfFound } from '../proof/found-facts.ts'
import { nothingKnown, type Query, type Term, type Value } from '../proof/model.ts'
import { mattersOnlyTrue } from './condition.ts'
import { foundBy } from './found-rows.ts'
import { operatorOf, refuseShadowed, rowOf } from './operation.ts'
import { outputFamily } from './outputs.ts'
import { findsRowsOf, storedRows } from './stored-rows.ts'
import type { Place } from './translation.ts'
import { expression } from './walk.ts'

const kinds: ReadonlySet<unknown> = new Set([
  'EXISTS_SUBLINK',
  'ALL_SUBLINK',
  'ANY_SUBLINK',
  'EXPR_SUBLINK',
  'ARRAY_SUBLINK',
])

/**
 * A query inside an expression: proved where it stands, with the facts of that place.
 * @param position - which of its columns is meant, where it sets several at once
 */
export function subLink(body: Body, place: Place, position = 0): Value {
  const { subLinkType, testexpr, operName, subselect } = fields(body, [
    'subLinkType',
    'testexpr',
    'operName',
    'subselect',
  ])
  if (!kinds.has(subLinkType)) throw unsupported('a subquery')
  if (operName === undefined) refuseShadowed(['='], place.translation)
  const operator = operName === undefined ? '=' : operatorOf(operName, place)
  const isIn = subLinkType === 'ANY_SUBLINK' && operator === '='
  const stored = isIn ? storedRows(testexpr, subselect, place) : undefined
  const isTested = testexpr !== undefined && stored === undefined
  const tested = isTested ? testedOf(testexpr, place) : []
  const { scope: parent, sites, ...around } = place
  const violation = 'missing_relation_filter'
  const query = place.translation.grammar.query(stored?.subselect ?? subselect, {
    ...around,
    parent,
    violation,
  })
  if (stored !== undefined && !findsRowsOf(query, stored.leaf)) throw unsupported('a system column')
  sites.push(query)
  if (subLinkType === 'EXISTS_SUBLINK') return { facts: factsOfFound(query) }
  if (subLinkType === 'EXPR_SUBLINK') return { found: foundBy(query, position) }
  if (!isIn) return nothingKnown
  if (mattersOnlyTrue(body, place.translation)) query.compared = comparedOf(query, tested)
  const equal = tested.flatMap(({ term }, position) => {
    const found = foundBy(query, position)
    return equalsFound(term, found && { ...found, facts: [] })
  })
  // That a row was found is said once, for however many columns.
  return { facts: [...equal, ...factsOfFound(query)] }
}

/** What its columns are compared with, of one type: rows with other values make nothing true. */
function comparedOf(query: Query, tested: readonly Value[]): ReadonlyMap<string, Term> {
  return new Map(
    tested.flatMap(({ term }, position): [string, Term][] => {
      const isAlike = term !== undefined && term.family === outputFamily(query, `#${position}`)
      return isAlike ? [[`#${position}`, term]] : []
    }),
  )
}

/** The value that is looked for, or those of a row. */
function testedOf(node: unknown, place: Place): readonly Value[] {
  const row = rowOf(node)
  return row === undefined ? [expression(node, place)] : row.map((each) => expression(each, place))
}
