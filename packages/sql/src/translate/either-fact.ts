import { wordsFor } from '../proof/constant-lists.ts'
import { isConstants } from '../proof/facts.ts'
import type { Constant, Equality, Term } from '../proof/model.ts'

/**
 * What OR says: of each column that is spoken of in every arm, what one of the arms says of it. All
 * the constants must be the tenant then; and where an arm says that the column is NULL, it may be
 * (`owner = $1 OR owner IS NULL`: the tenant's own rows and those that all share).
 */
export function inEveryArm([first = [], ...others]: readonly (readonly Equality[])[]): Equality[] {
  const arms = others.map(byColumn)
  const found: Equality[] = []
  for (const [left, facts] of byColumn(first)) {
    // More of one kind would say no more, and cost as many constants again.
    const kinds = new Set<unknown>()
    for (const fact of facts) {
      const kind = kindOf(fact)
      if (kinds.has(kind)) continue
      kinds.add(kind)
      const merged = either(
        fact,
        arms.map((arm) => arm.get(left) ?? []),
      )
      if (merged !== undefined) found.push(merged)
    }
  }
  return found
}

/** What an arm says of each column, by whichever side. */
function byColumn(facts: readonly Equality[]): ReadonlyMap<Term, readonly Equality[]> {
  const found = new Map<Term, Equality[]>()
  for (const fact of facts) {
    if (fact.saidBy !== undefined) continue
    for (const each of bothWays(fact)) {
      const known = found.get(each.left)
      if (known === undefined) found.set(each.left, [each])
      else known.push(each)
    }
  }
  return found
}

/** The fact as one of either column. */
function bothWays(fact: Equality): readonly Equality[] {
  const { left, right, orNull } = fact
  if (isConstants(right) || orNull === true) return [fact]
  return [fact, { ...fact, left: right, right: left }]
}

function kindOf({ right, orNull }: Equality): unknown {
  if (!isConstants(right)) return right
  return `${right.length === 0 ? 'null' : 'constants'} ${orNull === true}`
}

/** The fact, or what each of the arms says of its column instead. */
function either(fact: Equality, arms: readonly (readonly Equality[])[]): Equality | undefined {
  const constants = new Map<string, Constant>()
  let term: Term | undefined
  let orNull = false
  for (const arm of [[fact], ...arms]) {
    const other = arm.find(({ right }) =>
      isConstants(right)
        ? right.length === 0 || term === undefined
        : constants.size === 0 && (term === undefined || term === right),
    )
    if (other === undefined) return undefined
    orNull ||= other.orNull === true
    if (!isConstants(other.right)) term = other.right
    else for (const each of other.right) constants.set(wordsFor(each), each)
  }
  const right = term ?? [...constants.values()]
  return { left: fact.left, right, ...(orNull ? { orNull: true } : {}) }
}
