import { list, name, tagged } from '../parse/syntax-tree.ts'
import { type Constant, type Leaf, nothingKnown, termOf, type Value } from '../proof/model.ts'
import { isDeclared } from './function-columns.ts'
import type { Place } from './translation.ts'
import { operand } from './walk.ts'

/**
 * The columns of `unnest` of parameters in FROM: each holds the elements of its array. Several arrays
 * are padded with NULL, so an array tells of a column only where each of them is a parameter, whose
 * length is seen when the statement is executed.
 */
export function unnestedColumns(call: unknown, leaf: Leaf, place: Place): readonly Value[] {
  const [, { funcname, args: nodes }] = tagged(call)
  // One of somebody's own may give anything, in columns that the statement lists.
  if (list(funcname).map(name).at(-1) !== 'unnest' || isDeclared(call, place)) return []
  const args = list(nodes)
  const beside = args.flatMap(parameterUnderCast)
  if (beside.length < args.length) return []
  const given = new Map<string, readonly Constant[]>()
  const values = args.map((argument, i): Value => {
    const [elements] = operand(argument, place).constants ?? []
    if (elements?.kind !== 'elements') return nothingKnown
    const { index, family } = elements
    given.set(`#${i}`, [{ kind: 'unnested', index, family, beside }])
    return { term: termOf(leaf, `#${i}`, family) }
  })
  leaf.given = given
  return values
}

/** The number of a parameter that is cast to an array, and to nothing before. */
function parameterUnderCast(node: unknown): readonly number[] {
  const [, { arg }] = tagged(node)
  const [, { number }] = tagged(arg ?? { nothing: {} })
  return typeof number === 'number' ? [number] : []
}
