import { factsOfTree, leavesNamed, reduce } from '../proof/join-positions.ts'
import {
  type Block,
  type Equality,
  type Found,
  type Leaf,
  type Query,
  termOf,
} from '../proof/model.ts'
import { rowsAreVoid } from '../proof/output-proof.ts'
import { outputFamily, outputOf } from './outputs.ts'

/** The column of this number, where each row that the query emits comes from a row that it found. */
export function foundBy(query: Query, position: number): Found | undefined {
  if (query.kind === 'set') {
    const family = outputFamily(query, `#${position}`)
    if (family === undefined) return undefined
    return { query, term: termOf(standIn(query), `#${position}`, family), facts: [] }
  }
  const term = findsRows(query) ? outputOf(query.outputs, `#${position}`)?.term : undefined
  return term && { query, term, facts: factsOfFound(query) }
}

/** The rows of a union as a relation: they are proved where the union stands. */
function standIn(query: Query): Leaf {
  const mention = { violation: 'missing_relation_filter', action: '', location: 0 } as const
  return {
    kind: 'derived',
    terms: new Map(),
    query,
    shared: true,
    lateral: true,
    sites: [],
    mention,
  }
}

/** Whether each row that the query emits comes from a row of its FROM that passed its WHERE. */
function findsRows(query: Query): query is Block {
  return query.kind === 'block' && !rowsAreVoid(query)
}

/** What must be so for the query to emit a row: a row was found for which its WHERE is true. */
export function factsOfFound(query: Query): readonly Equality[] {
  if (!findsRows(query)) return []
  const tree = query.from && reduce(query.from, leavesNamed(query.where))
  const inner = tree === undefined ? [] : factsOfTree(tree, () => [])
  return [...query.where, ...inner]
    .filter(({ orNull }) => orNull !== true)
    .map((fact) => ({ ...fact, saidBy: query }))
}
