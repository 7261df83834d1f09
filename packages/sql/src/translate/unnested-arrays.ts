import { type Body, list, name, tagged } from '../parse/syntax-tree.ts'
import { type Constant, type Leaf, nothingKnown, termOf, type Value } from '../proof/model.ts'
import type { Place } from './translation.ts'
import { operand } from './walk.ts'

/**
 * The columns of `unnest` of parameters in FROM: each holds the elements of its array. Several arrays
 * are padded with NULL, so an array tells of a column only where each of them is a parameter, whose
 * length is seen when the statement is executed.
 */
export function unnestedColumns(call: unknown, leaf: Leaf, place: Place): readonly Value[] {
  const [tag, body] = tagged(call)
  if (tag !== 'FuncCall' || !isUnnest(body)) return []
  const args = list(body['args'])
  const indexes = args.map(parameterUnderCast)
  const given = new Map<string, readonly Constant[]>()
  const values = args.map((argument, i): Value => {
    if (indexes.includes(undefined)) return nothingKnown
    const [elements] = operand(argument, place).constants ?? []
    if (elements?.kind !== 'elements') return nothingKnown
    const { index, family } = elements
    const beside = indexes.flatMap((other, at) => (other === undefined || at === i ? [] : [other]))
    given.set(`#${i}`, [{ kind: 'unnested', index, family, beside }])
    return { term: termOf(leaf, `#${i}`, family) }
  })
  leaf.given = given
  return values
}

const plainly: ReadonlySet<string> = new Set(['funcname', 'args', 'funcformat', 'location'])

/** Whether it is PostgreSQL's own function, and says nothing but what it unnests. */
function isUnnest(call: Body): boolean {
  const path = list(call['funcname']).map(name)
  const isOwn = path.length === 1 || (path.length === 2 && path[0] === 'pg_catalog')
  return isOwn && path.at(-1) === 'unnest' && Object.keys(call).every((field) => plainly.has(field))
}

/** The number of a parameter that is cast to an array, and to nothing before. */
function parameterUnderCast(node: unknown): number | undefined {
  const [tag, body] = tagged(node)
  if (tag !== 'TypeCast') return undefined
  const [inner, parameter] = tagged(body['arg'])
  return inner === 'ParamRef' ? Number(parameter['number']) : undefined
}
