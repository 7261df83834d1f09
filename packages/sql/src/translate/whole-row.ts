import { fields, list, name, only, tagged } from '../parse/syntax-tree.ts'
import { nothingKnown, type Value } from '../proof/model.ts'
import { resolveItem } from './namespace.ts'
import type { Place } from './translation.ts'
import { operand } from './walk.ts'

/**
 * An expression where `u.*` is one value, the row: it may be counted, compared, cast, or turned into
 * JSON. In a list it stands for all columns instead, and what is behind it has another place.
 */
export function operandOrRow(node: unknown, place: Place): Value {
  const [tag, body] = tagged(node)
  if (tag !== 'ColumnRef') return operand(node, place)
  const path = list(fields(body, ['fields']).fields)
  if (tagged(path.at(-1))[0] !== 'A_Star') return operand(node, place)
  fields(only(path.at(-1), 'A_Star'), [])
  const { level } = resolveItem(place.scope, path.slice(0, -1).map(name))
  for (const seen of place.seen) seen.push({ value: nothingKnown, levels: [level], certain: true })
  return nothingKnown
}
