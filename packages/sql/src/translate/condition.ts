import { type Body, list, tagged } from '../parse/syntax-tree.ts'
import type { Value } from '../proof/model.ts'
import type { Place, Translation } from './translation.ts'
import { optional } from './walk.ts'

/** A condition of which only matters whether it is true: false and NULL are alike. */
export function condition(node: unknown, place: Place): Value {
  if (node !== undefined) noteQueries(node, place.translation)
  return optional(node, place)
}

/** The same holds of what it joins by AND and OR, and of nothing else in it. */
function noteQueries(node: unknown, translation: Translation): void {
  const [tag, body] = tagged(node)
  translation.onlyTrue.add(body)
  if (tag !== 'BoolExpr' || body['boolop'] === 'NOT_EXPR') return
  for (const arm of list(body['args'])) noteQueries(arm, translation)
}

/** Whether what the query in an expression says matters only where it is true. */
export function mattersOnlyTrue(body: Body, { onlyTrue }: Translation): boolean {
  return onlyTrue.has(body)
}
