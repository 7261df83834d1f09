import type { Constant, Equality, Found, Query, Term } from './model.ts'

/** Equalities that hold where somebody looks: made once, asked often. */
export type Facts = readonly Equality[]

const neighbours = new WeakMap<Facts, Map<Term, Equality[]>>()

/**
 * The constants that `term` equals by the facts in force, through any number of columns of its
 * type; `undefined` where there is none. Each of them must be the tenant.
 */
export const constantsEqualTo: (term: Term, facts: Facts) => readonly Constant[] | undefined =
  remembering(findConstants)

function findConstants(term: Term, facts: Facts): readonly Constant[] | undefined {
  const index = indexOf(facts)
  // Each once: what is moved into a query comes back from it, and would double with every level.
  const constants = new Set<Constant>()
  const reached = new Set([term])
  for (const each of reached) {
    for (const { left, right } of index.get(each) ?? []) {
      if (isConstants(right)) for (const constant of right) constants.add(constant)
      else reached.add(left === each ? right : left)
    }
  }
  return constants.size === 0 ? undefined : [...constants]
}

/** Asks once: where many relations share a key, each of them asks for all others. */
function remembering<Found>(
  find: (term: Term, facts: Facts) => Found,
): (term: Term, facts: Facts) => Found {
  const answers = new WeakMap<Facts, Map<Term, { readonly found: Found }>>()
  return (term, facts) => {
    const ofFacts = answers.get(facts) ?? new Map<Term, { readonly found: Found }>()
    answers.set(facts, ofFacts)
    const answer = ofFacts.get(term) ?? { found: find(term, facts) }
    ofFacts.set(term, answer)
    return answer.found
  }
}

function collect<Each>(into: Map<Term, Each[]>, term: Term, each: Each): void {
  const there = into.get(term)
  if (there === undefined) into.set(term, [each])
  else there.push(each)
}

function indexOf(facts: Facts): Map<Term, Equality[]> {
  const known = neighbours.get(facts)
  if (known !== undefined) return known
  const index = new Map<Term, Equality[]>()
  for (const equality of facts) {
    if (equality.orNull === true || equality.saidBy !== undefined) continue
    collect(index, equality.left, equality)
    if (!isConstants(equality.right)) collect(index, equality.right, equality)
  }
  neighbours.set(facts, index)
  return index
}

export function isConstants(right: Equality['right']): right is readonly Constant[] {
  return Array.isArray(right)
}

/** Both, the same array where one is empty: the index over it is made once. */
export function together(some: Facts, more: Facts): Facts {
  if (more.length === 0) return some
  return some.length === 0 ? more : [...some, ...more]
}

/** The columns that `term` equals, also by what queries have found. */
export const equalTerms: (term: Term, facts: Facts) => ReadonlySet<Term> =
  remembering(findEqualTerms)

function findEqualTerms(term: Term, facts: Facts): ReadonlySet<Term> {
  const equals = equalsOf(facts)
  const reached = new Set([term])
  for (const each of reached) for (const other of equals.get(each) ?? []) reached.add(other)
  return reached
}

const equalities = new WeakMap<Facts, Map<Term, Term[]>>()

function equalsOf(facts: Facts): Map<Term, Term[]> {
  const known = equalities.get(facts)
  if (known !== undefined) return known
  const equals = new Map<Term, Term[]>()
  for (const { left, right, orNull } of facts) {
    if (isConstants(right) || orNull === true) continue
    collect(equals, left, right)
    collect(equals, right, left)
  }
  equalities.set(facts, equals)
  return equals
}

/** What confines `term` or leaves it NULL: said of the column itself, never passed on. */
export function constantsOrNull(term: Term, facts: Facts): readonly Constant[] | undefined {
  for (const { left, right, orNull } of facts) {
    if (orNull !== true || left !== term) continue
    const constants = isConstants(right) ? right : constantsEqualTo(right, facts)
    if (constants !== undefined) return constants
  }
  return undefined
}

/** What still holds of rows that an outer join may make up. */
export function strictly(facts: Facts): Facts {
  return facts.some(({ orNull }) => orNull === true)
    ? facts.filter(({ orNull }) => orNull !== true)
    : facts
}

/** The same facts, those of queries taken as everybody's. */
export function withFound(facts: Facts): Facts {
  const known = everybodys.get(facts)
  if (known !== undefined) return known
  const found = facts.some(({ saidBy }) => saidBy !== undefined)
    ? facts.map(({ saidBy: _, ...fact }) => fact)
    : facts
  everybodys.set(facts, found)
  return found
}

const everybodys = new WeakMap<Facts, Facts>()

/** What may be taken for granted while `query` itself is proved. */
export function notSaidBy(query: Query, facts: Facts): Facts {
  return facts.some(({ saidBy }) => saidBy === query)
    ? facts.filter(({ saidBy }) => saidBy !== query)
    : facts
}

/** What `term = (query)` and `term IN (query)` say: a row was found whose column is this one. */
export function equalsFound(term: Term | undefined, found: Found | undefined): Equality[] {
  if (found === undefined || term?.family !== found.term.family) return []
  return [{ left: term, right: found.term, saidBy: found.query }, ...found.facts]
}
