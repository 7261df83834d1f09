import { factsOfFound } from '../proof/found-facts.ts'
import { type Found, type Leaf, type Query, termOf } from '../proof/model.ts'
import { outputFamily, outputOf } from './outputs.ts'

/** The column of this number, where each row that the query emits comes from a row that it found. */
export function foundBy(query: Query, position: number): Found | undefined {
  if (query.kind === 'set') {
    const family = outputFamily(query, `#${position}`)
    return (
      family && { query, position, term: termOf(standIn(query), `#${position}`, family), facts: [] }
    )
  }
  const term = outputOf(query.outputs, `#${position}`)?.term
  return term && { query, position, term, facts: factsOfFound(query) }
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
