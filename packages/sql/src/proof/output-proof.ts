import type { ThroughKey } from '../schema/live-table.ts'
import { ownerTerm } from '../translate/namespace.ts'
import { outputOf } from '../translate/outputs.ts'
import { append } from './append.ts'
import { spend } from './effort.ts'
import {
  constantsEqualTo,
  constantsUnlessNull,
  equalTerms,
  type Facts,
  together,
  withFound,
} from './facts.ts'
import { factsOfFound, rowsAreVoid } from './found-facts.ts'
import { factsOfJoined, factsOfTree, leavesNamed, leavesOf, reduce } from './join-positions.ts'
import {
  type Block,
  type Constant,
  type Equality,
  type JoinTree,
  type Leaf,
  nothingKnown,
  type Query,
  type SetOperation,
  type Term,
  termOf,
} from './model.ts'
import {
  type ColumnQuestion,
  firstOwned,
  nothingAsked,
  type Owned,
  ofOutputs,
  once,
  ownedByAll,
  ownedByKey,
  ownedByKeys,
  type Question,
} from './owned-rows.ts'

/** What is known of the columns that queries give. */
export interface OutputProof {
  /** The constants that the column equals in every row; never NULL then. */
  readonly constantsOf: (query: Query, key: string) => readonly Constant[] | undefined
  /** The same for the columns of a derived relation, as facts. */
  readonly ofLeaf: (leaf: Leaf) => Facts
  /** What INSERT … SELECT makes the owner of the rows that it gives back. */
  readonly ofInserted: (block: Block) => Facts
  /** Who owns the row of which `term` is the key, where it is one. */
  readonly ownersOf: (term: Term, key: ThroughKey, facts: Facts) => Owned | undefined
  /** The same for a column that a query gives. */
  readonly ownersOfColumn: (query: Query, column: string, key: ThroughKey) => Owned | undefined
  /** Whether two columns are the same in every row of the block, whatever stands around it. */
  readonly areEqual: (block: Block, some: Term, other: Term) => boolean
  /** Finds what a recursive query may assume of itself. */
  readonly settle: (query: SetOperation) => void
  /** While the query of the leaf is proved: what is said of a row that it gave says nothing of rows below. */
  readonly inside: (leaf: Leaf, prove: () => void) => void
}

const nothingAround: Facts = []

/** What nobody found out by then is nobody's: it bounds the work where many ways lead on. */
const maxAsks = 10_000

export function createOutputProof(): OutputProof {
  let ofLeaves = new Map<Leaf, Facts>()
  let ofBlocks = new Map<Block, Facts>()
  let whereThere = new Map<Block, Facts>()
  let withinBlocks = new Map<Block, WeakMap<Facts, Map<Leaf | undefined, Facts>>>()
  const settled = new Set<SetOperation>()
  const entered = new Set<Leaf>()
  let asks = 0
  let assuming = false

  const proof: OutputProof = {
    constantsOf(query, key) {
      if (query.kind === 'set') {
        proof.settle(query)
        return allOf(query.arms.map((arm) => proof.constantsOf(arm, key)))
      }
      const value = outputOf(query.outputs, key)
      // A constant is one in any row, but grouping sets make it NULL where they group by it.
      if (rowsAreVoid(query)) return query.groupingSets ? undefined : value?.constants
      return value?.constants ?? (value?.term && constantsEqualTo(value.term, factsOf(query)))
    },
    ofLeaf(leaf) {
      const known = ofLeaves.get(leaf)
      if (known !== undefined) return known
      spend('columns', leaf.terms.size)
      const facts: Equality[] = []
      for (const [key, term] of leaf.terms) {
        const right =
          leaf.assumed?.get(key) ??
          leaf.given?.get(key) ??
          (leaf.query !== undefined && leaf.recursive !== true
            ? proof.constantsOf(leaf.query, key)
            : undefined)
        if (right !== undefined) facts.push({ left: term, right })
        else if (leaf.query !== undefined && leaf.recursive !== true) {
          const found = unlessNull(leaf.query, key)
          if (found !== undefined) facts.push({ left: term, right: found, unlessNull: true })
        }
      }
      // What LATERAL says of the relations before it holds for each row that it gives.
      if (leaf.lateral && leaf.query !== undefined) append(facts, factsOfFound(leaf.query))
      ofLeaves.set(leaf, facts)
      return facts
    },
    ofInserted({ writes }) {
      return writes.flatMap(({ target, source }): Facts => {
        const left = ownerTerm(target)
        if (left === undefined || source === undefined) return []
        const right = proof.constantsOf(source[0], `#${source[1]}`)
        return right === undefined ? [] : [{ left, right }]
      })
    },
    ownersOf: (term, key, facts) => ownersOf(term, key, { facts, asked: nothingAsked() }),
    ownersOfColumn: (query, column, key) =>
      ownersOfColumn(query, column, key, { facts: nothingAround, asked: nothingAsked() }),
    areEqual: (block, some, other) =>
      !rowsAreVoid(block) && equalTerms(some, factsOf(block)).has(other),
    settle(query) {
      if (query.self === undefined || settled.has(query)) return
      settled.add(query)
      // What holds under another query's assumption may be gone when that one is given up.
      if (assuming) return set(query.self, new Map())
      assuming = true
      assume(query, query.self)
      assuming = false
    },
    inside(leaf, prove) {
      entered.add(leaf)
      prove()
      entered.delete(leaf)
    },
  }

  /** The constants that the column equals in every row where it is not NULL. */
  function unlessNull(query: Query, key: string): readonly Constant[] | undefined {
    if (query.kind === 'set') return allOf(query.arms.map((arm) => unlessNull(arm, key)))
    const { constants, term, extreme = term } = outputOf(query.outputs, key) ?? nothingKnown
    if (extreme === undefined) return constants
    // A row is emitted although WHERE is false: then a column of the block's own is NULL, and no other.
    if (query.from === undefined || !leavesOf(query.from).has(extreme.leaf)) return undefined
    return constantsUnlessNull(extreme, factsOfThere(query, query.from))
  }

  /** What holds in every row of the block, and of nullable sides where they are there. */
  function factsOfThere(block: Block, from: JoinTree): Facts {
    const known = whereThere.get(block)
    if (known !== undefined) return known
    const facts = factsOf(block)
    const tree = reduce(from, leavesNamed(block.where))
    const all = together(facts, factsOfJoined(tree, facts, proof.ofLeaf))
    whereThere.set(block, all)
    return all
  }

  /**
   * The same for a column of a query. What the question says of the levels around it holds in it,
   * too: a query that sees them gives its rows for one row of each.
   */
  function ownersOfColumn(
    query: Query,
    column: string,
    key: ThroughKey,
    question: ColumnQuestion,
  ): Owned | undefined {
    if (query.kind === 'set') {
      return ownedByAll(query.arms.map((arm) => ownersOfColumn(arm, column, key, question)))
    }
    if (rowsAreVoid(query)) return undefined
    const { asked } = question
    const { term, found } = outputOf(query.outputs, column) ?? nothingKnown
    if (found !== undefined) {
      return ownersOfColumn(found.query, `#${found.position}`, key, { facts: nothingAround, asked })
    }
    const within = factsWithin(query, question)
    const equal = term === undefined ? [] : equalTerms(term, within)
    return firstOwned(Array.from(equal, (each) => ownersOf(each, key, { facts: within, asked })))
  }

  function ownersOf(term: Term, key: ThroughKey, question: Question): Owned | undefined {
    const { relation, query, recursive, shared } = term.leaf
    asks += 1
    if (asks > maxAsks) return undefined
    if (query !== undefined) {
      if (recursive === true || entered.has(term.leaf)) return undefined
      // A query that writes has one instance, whoever refers to it: it is asked by itself.
      const inside = shared === true ? { facts: nothingAround } : { row: term.leaf }
      return once(question, term, key, () =>
        ownersOfColumn(query, term.column, key, { ...question, ...inside }),
      )
    }
    if (relation?.live?.key !== key.parent || term.column !== key.parentColumn) return undefined
    if (key.read === true && term.leaf.target === true) return undefined
    const { facts } = question
    const owner = ownerTerm(term.leaf)
    const constants = owner && constantsEqualTo(owner, facts)
    if (constants !== undefined) return { owner: relation, constants }
    return once(question, term.leaf, undefined, () => {
      // The parent may be owned through others itself: by all of its keys.
      const above = relation.live?.through.map((next) => {
        const own = termOf(term.leaf, next.column, next.family)
        return firstOwned([
          ...Array.from(equalTerms(own, facts), (each) => ownersOf(each, next, question)),
          ownedByKey(relation, next, constantsEqualTo(own, facts)),
        ])
      })
      return firstOwned([ownedByAll(above ?? []), ownedByKeys(term.leaf, relation, facts)])
    })
  }

  /** What holds in every row of the block, whatever stands around it. */
  function factsOf(block: Block): Facts {
    const known = ofBlocks.get(block)
    if (known !== undefined) return known
    const tree = block.from && reduce(block.from, leavesNamed(block.where))
    const own = together(block.where, proof.ofInserted(block))
    const facts = together(own, tree === undefined ? [] : factsOfTree(tree, proof.ofLeaf))
    ofBlocks.set(block, facts)
    return facts
  }

  /** The same beside what is known around the block and of its row; the same array for the same. */
  function factsWithin(block: Block, { facts: around, row }: ColumnQuestion): Facts {
    const known = withinBlocks.get(block) ?? new WeakMap<Facts, Map<Leaf | undefined, Facts>>()
    withinBlocks.set(block, known)
    const ofRows = known.get(around) ?? new Map<Leaf | undefined, Facts>()
    known.set(around, ofRows)
    const facts =
      ofRows.get(row) ??
      together(
        together(withFound(factsOf(block)), around),
        row === undefined ? [] : ofOutputs(block, row, around),
      )
    ofRows.set(row, facts)
    return facts
  }

  /** Induction: the first arm gives it, and the second gives it if the rows before had it. */
  function assume(query: SetOperation, self: Leaf): void {
    const [first, second] = query.arms
    let assumed = new Map<string, readonly Constant[]>()
    for (const key of self.terms.keys()) {
      const constants = proof.constantsOf(first, key)
      // Each once, so that what a step adds shows in their number.
      if (constants !== undefined) assumed.set(key, [...new Set(constants)])
    }
    // Columns may be lost, and constants may come from another column in a later step.
    for (let before = ''; before !== sizesOf(assumed); ) {
      before = sizesOf(assumed)
      set(self, assumed)
      const kept = new Map<string, readonly Constant[]>()
      for (const [key, constants] of assumed) {
        const stepped = proof.constantsOf(second, key)
        if (stepped !== undefined) kept.set(key, [...new Set([...constants, ...stepped])])
      }
      assumed = kept
    }
  }

  function set(self: Leaf, assumed: ReadonlyMap<string, readonly Constant[]>): void {
    self.assumed = assumed
    ofLeaves = new Map()
    ofBlocks = new Map()
    whereThere = new Map()
    withinBlocks = new Map()
  }

  return proof
}

function sizesOf(assumed: ReadonlyMap<string, readonly Constant[]>): string {
  return [...assumed].map(([key, constants]) => `${key}:${constants.length}`).join()
}

function allOf(
  arms: readonly (readonly Constant[] | undefined)[],
): readonly Constant[] | undefined {
  const constants: Constant[] = []
  for (const arm of arms) {
    if (arm === undefined) return undefined
    append(constants, arm)
  }
  return constants
}
