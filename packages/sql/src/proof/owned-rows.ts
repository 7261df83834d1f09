import type { ThroughKey } from '../schema/live-table.ts'
import type { Relation } from '../schema/tenant-schema.ts'
import { outputOf } from '../translate/outputs.ts'
import { append } from './append.ts'
import { spend } from './effort.ts'
import { constantsEqualTo, type Facts } from './facts.ts'
import type { Block, Constant, KeyNeed, Leaf, Term } from './model.ts'

/** What must be the tenant, and by whose key. */
export interface Owned {
  readonly owner: Relation
  readonly constants: readonly Constant[]
  /** And what must be keys of the tenant's rows, where nothing else says whose they are. */
  readonly keys?: readonly KeyNeed[]
}

/** A row is asked for by its leaf, a column of a query by its term and as which key. */
type Answers = Map<Leaf | Term, Map<ThroughKey | undefined, Owned | undefined>>

/** What was asked so far: each thing once, however many ways lead to it. */
export interface Asked {
  /** By what was known: the arms of a query say other things of the same row. */
  readonly answers: Map<Facts, Answers>
  readonly pending: Map<Leaf | Term, Set<ThroughKey | undefined>>
}

export function nothingAsked(): Asked {
  return { answers: new Map(), pending: new Map() }
}

/** Whose rows are asked for, by which facts. */
export interface Question {
  readonly facts: Facts
  readonly asked: Asked
}

/** Rows that belong to one another in a circle belong to nobody. */
export function once(
  { facts, asked }: Question,
  what: Leaf | Term,
  as: ThroughKey | undefined,
  answer: () => Owned | undefined,
): Owned | undefined {
  const byFacts: Answers = asked.answers.get(facts) ?? new Map()
  asked.answers.set(facts, byFacts)
  const answers = byFacts.get(what) ?? new Map<ThroughKey | undefined, Owned | undefined>()
  byFacts.set(what, answers)
  if (answers.has(as)) return answers.get(as)
  const pending = asked.pending.get(what) ?? new Set<ThroughKey | undefined>()
  asked.pending.set(what, pending)
  if (pending.has(as)) return undefined
  pending.add(as)
  const found = answer()
  pending.delete(as)
  answers.set(as, found)
  return found
}

/** What is known of the columns of one row that a query gave, by their keys. */
type Said = ReadonlyMap<string, readonly Constant[]>

/** The same of a column of a query. */
export interface ColumnQuestion extends Question {
  /** Whose row was made of it, of which more may be known. */
  readonly row?: Leaf | undefined
}

/** What is known of the columns of one row that a query gave. */
function saidOf(leaf: Leaf, facts: Facts): Said {
  spend('columns', leaf.terms.size)
  const said = new Map<string, readonly Constant[]>()
  for (const [key, term] of leaf.terms) {
    const constants = constantsEqualTo(term, facts)
    if (constants !== undefined) said.set(key, constants)
  }
  return said
}

/** The same of the columns in the query that the row was made of. */
export function ofOutputs(block: Block, row: Leaf, facts: Facts): Facts {
  return [...saidOf(row, facts)].flatMap(([key, right]): Facts => {
    const left = outputOf(block.outputs, key)?.term
    return left === undefined ? [] : [{ left, right }]
  })
}

/** The first that needs no keys, else the first that does. */
export function firstOwned(all: readonly (Owned | undefined)[]): Owned | undefined {
  return all.find((owned) => owned !== undefined && owned.keys === undefined) ?? all.find(Boolean)
}

/** A row whose own key is a constant is the tenant's where that key is. */
export function ownedByKeys(leaf: Leaf, owner: Relation, facts: Facts): Owned | undefined {
  for (const { column } of owner.live?.rowKeys ?? []) {
    const term = leaf.terms.get(column)
    const key = { parent: owner.live?.key ?? '', parentColumn: column }
    const owned = ownedByKey(owner, key, term && constantsEqualTo(term, facts))
    if (owned !== undefined) return owned
  }
  return undefined
}

/** A row that refers to another one by constants is the tenant's where the key is. */
export function ownedByKey(
  owner: Relation,
  { parent, parentColumn }: Pick<ThroughKey, 'parent' | 'parentColumn'>,
  constants: readonly Constant[] | undefined,
): Owned | undefined {
  return (
    constants && { owner, constants: [], keys: [{ key: `${parent}.${parentColumn}`, constants }] }
  )
}

export function ownedByAll(all: readonly (Owned | undefined)[]): Owned | undefined {
  const [first] = all
  if (first === undefined) return undefined
  const constants: Constant[] = []
  const keys: KeyNeed[] = []
  for (const owned of all) {
    if (owned?.owner.tenantKey !== first.owner.tenantKey) return undefined
    append(constants, owned.constants)
    append(keys, owned.keys ?? [])
  }
  return { owner: first.owner, constants, ...(keys.length === 0 ? {} : { keys }) }
}
