import { ownerTerm } from '../translate/namespace.ts'
import { equalTerms, type Facts, isConstants } from './facts.ts'
import { type Constant, type Equality, type Leaf, type Term, termOf } from './model.ts'

/** What a relation is called; `undefined` for one without a name. */
export type NameOf = (leaf: Leaf) => string | undefined

/** More of them would tell nobody more. */
const most = 3

/**
 * The comparisons, among those that hold where a relation stands, by which its owner equals constants:
 * `o.tenant_id = u.tenant_id = $1`; or, for one that is owned through others, the keys by which it
 * refers to them.
 */
export function comparisonsOf(leaf: Leaf, at: Facts, nameOf: NameOf): readonly string[] {
  const term = ownerTerm(leaf)
  const found = term === undefined ? keysOf(leaf, at, nameOf) : chainsOf(term, at, nameOf)
  return [...new Set(found)].slice(0, most)
}

/** Each way from a column to constants, the shortest first. */
function chainsOf(owner: Term, at: Facts, nameOf: NameOf): readonly string[] {
  const facts = at.filter(({ saidBy }) => saidBy === undefined)
  const before = new Map<Term, Term | undefined>([[owner, undefined]])
  const chains: string[] = []
  // A map gives what is added while it is walked, too.
  for (const [term] of before) {
    for (const fact of facts) {
      const other = otherSide(fact, term)
      if (fact.orNull === true) {
        if (term === owner && fact.left === owner && isConstants(fact.right)) {
          const column = columnOf(owner, nameOf) ?? owner.column
          const equals = fact.right.length === 0 ? '' : `${column}${oneOf(fact.right)} OR `
          chains.push(`${equals}${column} IS NULL`)
        }
      } else if (other === undefined) {
        if (fact.left === term && isConstants(fact.right)) {
          chains.push(`${wayTo(term, before, nameOf).join(' = ')}${oneOf(fact.right)}`)
        }
      } else if (!before.has(other)) before.set(other, term)
    }
  }
  return chains
}

function otherSide({ left, right }: Equality, term: Term): Term | undefined {
  if (isConstants(right)) return undefined
  if (left === term) return right
  return right === term ? left : undefined
}

/** The columns from the owner to this one, but for those without a name. */
function wayTo(
  last: Term,
  before: ReadonlyMap<Term, Term | undefined>,
  nameOf: NameOf,
): readonly string[] {
  const way: string[] = []
  for (let term: Term | undefined = last; term !== undefined; term = before.get(term)) {
    const name = columnOf(term, nameOf)
    if (name !== undefined && way[0] !== name) way.unshift(name)
  }
  return way
}

/** The keys of other rows by which a row without an owner column belongs to theirs. */
function keysOf(leaf: Leaf, at: Facts, nameOf: NameOf): readonly string[] {
  return (leaf.relation?.live?.through ?? []).flatMap(({ column, family, parent }) => {
    const term = termOf(leaf, column, family)
    const others = [...equalTerms(term, at)].filter(
      (other) => other !== term && other.leaf.relation?.key === parent,
    )
    return others.flatMap((other) => {
      const sides = [columnOf(term, nameOf), columnOf(other, nameOf)]
      return sides.includes(undefined) ? [] : [sides.join(' = ')]
    })
  })
}

function columnOf({ leaf, column }: Term, nameOf: NameOf): string | undefined {
  // Columns of queries may be known by their number alone.
  const name = column.startsWith('#') ? undefined : nameOf(leaf)
  return name === undefined ? undefined : `${name}.${column}`
}

function oneOf(constants: readonly Constant[]): string {
  const [first] = constants
  if (constants.length === 1 && (first?.kind === 'elements' || first?.kind === 'unnested'))
    return ` = ANY ($${first.index})`
  const said = constants.map(spelling)
  return said.length === 1 ? ` = ${said[0]}` : ` IN (${said.join(', ')})`
}

/** A constant as a text has it. */
export function spelling(constant: Constant): string {
  if (constant.kind === 'literal') return `'${constant.text.replaceAll(`'`, `''`)}'`
  return constant.kind === 'parameter'
    ? `$${constant.index}`
    : `every element of $${constant.index}`
}
