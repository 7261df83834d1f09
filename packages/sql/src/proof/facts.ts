import { mergeLists } from './constant-lists.ts'
import { spend } from './effort.ts'
import type { Constant, Equality, Found, Query, Term } from './model.ts'

/** Equalities that hold where somebody looks: made once, asked often. */
export type Facts = readonly Equality[]

const neighbours = new WeakMap<Facts, Map<Term, Equality[]>>()

/** Columns that equal one another. */
interface Equals {
  readonly terms: ReadonlySet<Term>
  readonly constants: readonly Constant[] | undefined
}

const classes = new WeakMap<Facts, Map<Term, Equals>>()

/**
 * The constants that `term` equals by the facts in force, through any number of columns of its
 * type; `undefined` where there is none. Each of them must be the tenant.
 */
export function constantsEqualTo(term: Term, facts: Facts): readonly Constant[] | undefined {
  const known = classes.get(facts) ?? new Map<Term, Equals>()
  classes.set(facts, known)
  const found = known.get(term) ?? findEquals(term, facts)
  // Columns that equal one another have one answer: each of them may ask on each level.
  if (!known.has(term)) for (const each of found.terms) known.set(each, found)
  return found.constants
}

/** The same for a column that may be NULL: what it equals wherever it is not. */
export function constantsUnlessNull(term: Term, facts: Facts): readonly Constant[] | undefined {
  return findEquals(term, facts, true).constants
}

function findEquals(term: Term, facts: Facts, orNull = false): Equals {
  const index = indexOf(facts)
  const lists = new Set<readonly Constant[]>()
  const terms = new Set([term])
  for (const each of terms) {
    const equalities = index.get(each) ?? []
    spend('facts', 1 + equalities.length)
    const isThere = orNull || equalities.some(({ unlessNull }) => unlessNull !== true)
    for (const { left, right } of equalities) {
      if (!isConstants(right)) terms.add(left === each ? right : left)
      else if (isThere) lists.add(right)
    }
  }
  return { terms, constants: mergeLists([...lists]) }
}

function collect<Each>(into: Map<Term, Each[]>, term: Term, each: Each): void {
  const there = into.get(term)
  if (there === undefined) into.set(term, [each])
  else there.push(each)
}

function indexOf(facts: Facts): Map<Term, Equality[]> {
  const known = neighbours.get(facts)
  if (known !== undefined) return known
  spend('facts', facts.length)
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

const reached = new WeakMap<Facts, Map<Term, ReadonlySet<Term>>>()

/** The columns that `term` equals, also by what queries have found; itself first. */
export function equalTerms(term: Term, facts: Facts): ReadonlySet<Term> {
  const known = reached.get(facts) ?? new Map<Term, ReadonlySet<Term>>()
  reached.set(facts, known)
  const found = known.get(term) ?? findEqualTerms(term, facts)
  known.set(term, found)
  return found
}

function findEqualTerms(term: Term, facts: Facts): ReadonlySet<Term> {
  const equals = equalsOf(facts)
  const terms = new Set([term])
  for (const each of terms) {
    const others = equals.get(each) ?? []
    spend('facts', 1 + others.length)
    for (const other of others) terms.add(other)
  }
  return terms
}

/** Whether it equals any other column. */
export function equalsAnother(term: Term, facts: Facts): boolean {
  return (
    equalsOf(facts)
      .get(term)
      ?.some((other) => other !== term) === true
  )
}

const equalities = new WeakMap<Facts, Map<Term, Term[]>>()

function equalsOf(facts: Facts): Map<Term, Term[]> {
  const known = equalities.get(facts)
  if (known !== undefined) return known
  spend('facts', facts.length)
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
