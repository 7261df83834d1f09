import { nothingKnown, type Value } from './model.ts'
import { operatorOf, refuseShadowed } from './operation.ts'
import { type Body, fields } from './syntax-tree.ts'
import type { Place } from './translation.ts'
import { unsupported } from './unprovable.ts'
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
  if (testexpr !== undefined) expression(testexpr, place)
  place.sites.push(
    place.translation.grammar.query(subselect, {
      translation: place.translation,
      parent: place.scope,
      ctes: place.ctes,
      seen: place.seen,
      action: place.action,
      violation: 'missing_relation_filter',
    }),
  )
  return nothingKnown
}
