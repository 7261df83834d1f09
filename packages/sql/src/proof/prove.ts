import type { ThroughKey } from '../schema/live-table.ts'
import type { Relation } from '../schema/tenant-schema.ts'
import { ownerTerm } from '../translate/namespace.ts'
import {
  constantsEqualTo,
  constantsOrNull,
  equalTerms,
  type Facts,
  isConstants,
  notSaidBy,
  together,
  withFound,
} from './facts.ts'
import { rowsAreVoid } from './found-facts.ts'
import {
  factsOfJoined,
  factsOfTree,
  leavesNamed,
  leavesOf,
  reduce,
  visit,
} from './join-positions.ts'
import {
  type Block,
  type Constant,
  type Equality,
  type JoinTree,
  type KeyNeed,
  type Leaf,
  type Query,
  type Term,
  termOf,
  type Write,
} from './model.ts'
import { createOutputProof, type OutputProof } from './output-proof.ts'
import { firstOwned, type Owned, ownedByKey, ownedByKeys } from './owned-rows.ts'
import { admitted, filtersOf, nothingPushed, type Pushed, passing } from './pushed-filters.ts'

/** What must be the tenant for one mention of a relation; `undefined` where nothing confines it. */
export interface Obligation {
  readonly leaf: Leaf
  /** Whose key the constants must be: the relation itself, or the one that it is owned through. */
  readonly owner?: Relation | undefined
  readonly constants?: readonly Constant[] | undefined
  /** And what must be keys of the tenant's rows: it is confined by nothing else. */
  readonly keys?: readonly KeyNeed[]
  /** It is about the owner of rows that are written, not about which rows are read. */
  readonly written: boolean
  /** Why it is open, where it is and that is not plain. */
  readonly because?: string | undefined
  /** What is known where it stands: of interest to who explains it. */
  readonly at?: Facts
}

interface Prover {
  readonly outputs: OutputProof
  readonly obligations: Obligation[]
}

/** Finds, for every mention of a relation in the queries, what confines it. */
export function prove(queries: readonly Query[]): readonly Obligation[] {
  const prover: Prover = { outputs: createOutputProof(), obligations: [] }
  for (const query of queries) proveQuery(prover, query, [], nothingPushed)
  return prover.obligations
}

function proveQuery(prover: Prover, query: Query, outer: Facts, pushed: Pushed): void {
  if (query.kind === 'block') {
    proveBlock(prover, query, { outer, pushed: admitted(query, pushed) })
    return
  }
  prover.outputs.settle(query)
  const passes = passing(prover.outputs, query, pushed)
  for (const arm of query.arms) proveQuery(prover, arm, outer, passes)
  for (const site of query.outerSites) proveQuery(prover, site, outer, nothingPushed)
}

interface Position {
  readonly outer: Facts
  readonly pushed: readonly Equality[]
}

function proveBlock(prover: Prover, block: Block, { outer, pushed }: Position): void {
  const { ofLeaf, ofInserted } = prover.outputs
  const where = together(together(block.where, ofInserted(block)), pushed)
  const tree: JoinTree | undefined = block.from && reduce(block.from, leavesNamed(where))
  const said = together(where, tree === undefined ? [] : factsOfTree(tree, ofLeaf))
  const same = tree === undefined ? [] : sameRows(prover, tree, together(outer, said))
  const own = together(said, same)
  const facts = together(outer, own)
  const site = (query: Query, at: Facts): void =>
    proveQuery(prover, query, notSaidBy(query, at), query.compared ?? nothingPushed)
  const joined = tree === undefined ? [] : factsOfJoined(tree, facts, ofLeaf)
  if (tree !== undefined) {
    const leaf = (each: Leaf, at: Facts): void =>
      proveLeaf(prover, each, each.lateral ? together(at, joined) : at)
    visit(tree, facts, { ofLeaf, leaf, site })
  }
  const inRows = together(facts, joined)
  for (const query of block.rowSites) site(query, inRows)
  const inOutputs = rowsAreVoid(block)
    ? together(outer, within(together(own, joined), tree))
    : inRows
  for (const query of block.outputSites) site(query, inOutputs)
  for (const query of block.outerSites) site(query, outer)
  for (const written of block.writes) proveWrite(prover, written, facts)
}

function proveWrite(
  prover: Prover,
  { target, value, key, source, because }: Write,
  facts: Facts,
): void {
  const { outputs } = prover
  if (key === undefined) {
    const constants =
      source === undefined
        ? (value?.constants ?? (value?.term && constantsEqualTo(value.term, facts)))
        : outputs.constantsOf(source[0], `#${source[1]}`)
    const owner = target.relation
    prover.obligations.push({ leaf: target, owner, constants, written: true, because })
    return
  }
  const owned =
    source === undefined
      ? value?.term && ownedByOneOf(prover, equalTerms(value.term, facts), key, facts)
      : outputs.ownersOfColumn(source[0], `#${source[1]}`, key)
  const constants = value?.constants ?? (value?.term && constantsEqualTo(value.term, facts))
  oblige(prover, target, owned ?? byKey(target, key, constants), {
    written: true,
    because: keyNeeded(key),
  })
}

function keyNeeded({ column, parent }: ThroughKey): string {
  return `${column} must come from a row of ${parent} that is the tenant's: select it from there`
}

/**
 * The facts about the block's own columns alone. Where a row is emitted although WHERE is false,
 * PostgreSQL takes such a column only inside of aggregates or as NULL, but a column of an outer
 * level as it is.
 */
function within(facts: Facts, tree: JoinTree | undefined): Facts {
  if (tree === undefined) return []
  const own = leavesOf(tree)
  return facts.filter(
    ({ left, right }) => own.has(left.leaf) && (isConstants(right) || own.has(right.leaf)),
  )
}

function proveLeaf(prover: Prover, leaf: Leaf, at: Facts): void {
  for (const query of leaf.sites) proveQuery(prover, query, at, nothingPushed)
  if (leaf.kind === 'owner') {
    const term = ownerTerm(leaf)
    const constants =
      term &&
      (constantsEqualTo(term, at) ?? sharedBy(leaf, term, at) ?? ownerOfSameRow(prover, leaf, at))
    prover.obligations.push({
      leaf,
      owner: leaf.relation,
      written: false,
      at,
      ...(constants === undefined ? keysOf(leaf, at) : { constants }),
    })
  } else if (leaf.kind === 'through') {
    proveThrough(prover, leaf, at)
  } else if (leaf.query !== undefined && leaf.shared !== true) {
    // A row that it gives matters where it is joined: what holds there holds around the query.
    const { query } = leaf
    const around = notSaidBy(query, at)
    prover.outputs.inside(leaf, () => proveQuery(prover, query, around, filtersOf(leaf, around)))
  }
}

/** Rows without an owner are everybody's to read where that is declared. */
function sharedBy(
  { relation, target }: Leaf,
  term: Term,
  at: Facts,
): readonly Constant[] | undefined {
  const table = relation?.table
  const isShared = table?.kind === 'owner' && table.shared === 'null' && target !== true
  return isShared ? constantsOrNull(term, at) : undefined
}

/** The owners of rows that are known by the key of another row of their table. */
function sameRows(prover: Prover, tree: JoinTree, facts: Facts): Facts {
  return [...leavesOf(tree)].flatMap((leaf): Facts => {
    const term = ownerTerm(leaf)
    if (term === undefined || constantsEqualTo(term, facts) !== undefined) return []
    const right = ownerOfSameRow(prover, leaf, facts)
    return right === undefined ? [] : [{ left: term, right }]
  })
}

/**
 * A row whose key is that of a confined row of the same table is that row:
 * `id IN (SELECT id … FOR UPDATE SKIP LOCKED)`.
 */
function ofSameRow(prover: Prover, leaf: Leaf, at: Facts): Owned | undefined {
  const { rowKeys, key: parent } = leaf.relation?.live ?? { rowKeys: [], key: '' }
  return firstOwned(
    rowKeys.map(({ column, family }) => {
      const term = leaf.terms.get(column)
      const key = { column, family, parent, parentColumn: column, read: true } as const
      return term && ownedByOneOf(prover, othersLike(term, at), key, at)
    }),
  )
}

/** What the owner column of such a row equals. */
function ownerOfSameRow(prover: Prover, leaf: Leaf, at: Facts): readonly Constant[] | undefined {
  const owned = ofSameRow(prover, leaf, at)
  return owned?.keys === undefined ? owned?.constants : undefined
}

/** What a row is known by whose key is a constant: it is the tenant's where the key is. */
function keysOf(leaf: Leaf, at: Facts): Owned | undefined {
  return leaf.relation && ownedByKeys(leaf, leaf.relation, at)
}

/** Who owns the row whose key is in one of the columns. */
function ownedByOneOf(
  { outputs }: Prover,
  terms: Iterable<Term>,
  key: ThroughKey,
  at: Facts,
): Owned | undefined {
  const found = withFound(at)
  return firstOwned(Array.from(terms, (term) => outputs.ownersOf(term, key, found)))
}

/** The other columns that hold the same value. */
function othersLike(term: Term, at: Facts): readonly Term[] {
  return [...equalTerms(term, at)].filter((each) => each !== term)
}

/** Each row is the tenant's if each row that it refers to is. */
function proveThrough(prover: Prover, leaf: Leaf, at: Facts): void {
  const { obligations } = prover
  const keys = leaf.relation?.live?.through ?? []
  if (keys.length === 0) {
    const because = 'it is owned through others, which only a catalogue can tell'
    obligations.push({ leaf, written: false, because })
  }
  const owners = keys.map((key) => {
    const term = termOf(leaf, key.column, key.family)
    const owned = ownedByOneOf(prover, othersLike(term, at), key, at)
    return owned ?? byKey(leaf, key, constantsEqualTo(term, at))
  })
  // Where not each of them is known, the row may be known by its own key.
  const own = owners.includes(undefined)
    ? firstOwned([ofSameRow(prover, leaf, at), keysOf(leaf, at)])
    : undefined
  if (own !== undefined) {
    obligations.push({ leaf, written: false, at, because: ownKeySaysNothing(keys), ...own })
    return
  }
  keys.forEach((key, i) => {
    oblige(prover, leaf, owners[i], {
      written: false,
      at,
      because: `${key.column} must equal ${key.parentColumn} of a confined ${key.parent}`,
    })
  })
}

function ownKeySaysNothing([key]: readonly ThroughKey[]): string | undefined {
  return (
    key &&
    `its own key does not say whose it is: join the row of ${key.parent} with ${key.column} = ${key.parentColumn}, or use IN or EXISTS, and confine that`
  )
}

function byKey(
  { relation }: Leaf,
  key: ThroughKey,
  constants: readonly Constant[] | undefined,
): Owned | undefined {
  return relation && ownedByKey(relation, key, constants)
}

/** Notes who owns the rows of a leaf, and why nobody can say where nobody can. */
function oblige(
  { obligations }: Prover,
  leaf: Leaf,
  owned: Owned | undefined,
  why: Pick<Obligation, 'written' | 'because' | 'at'>,
): void {
  obligations.push({ leaf, ...why, ...owned })
}
