import { constantsEqualTo, type Facts, isConstants, strictly, together } from './facts.ts'
import type { Equality, JoinTree, Leaf, Query } from './model.ts'

/** What the columns of a derived relation are known to equal, wherever it stands. */
export type FactsOfLeaf = (leaf: Leaf) => Facts

/**
 * Turns outer joins into the joins that they amount to: an equality that must hold and that names
 * the nullable side never holds for a row that the join made up. A FULL join that stays one has no
 * strict leaf.
 */
export function reduce(tree: JoinTree, strict: ReadonlySet<Leaf>): JoinTree {
  if (tree.kind === 'leaf') return tree
  const kind = reducedKind(tree, strict)
  const own = leavesNamed(tree.on)
  const both = kind === 'inner' ? new Set([...strict, ...own]) : strict
  return {
    ...tree,
    kind,
    left: reduce(tree.left, kind === 'right' ? own : both),
    right: reduce(tree.right, kind === 'left' ? own : both),
  }
}

function reducedKind(
  tree: Exclude<JoinTree, { kind: 'leaf' }>,
  strict: ReadonlySet<Leaf>,
): Exclude<JoinTree['kind'], 'leaf'> {
  const onLeft = tree.kind !== 'left' && holds(tree.left, strict)
  const onRight = tree.kind !== 'right' && holds(tree.right, strict)
  if (tree.kind === 'full') {
    if (onLeft && onRight) return 'inner'
    return onLeft ? 'left' : onRight ? 'right' : 'full'
  }
  return onLeft || onRight ? 'inner' : tree.kind
}

function holds(tree: JoinTree, leaves: ReadonlySet<Leaf>): boolean {
  if (tree.kind === 'leaf') return leaves.has(tree.leaf)
  return holds(tree.left, leaves) || holds(tree.right, leaves)
}

/** The relations that an equality among these names: it is false or unknown where they are NULL. */
export function leavesNamed(facts: Facts): Set<Leaf> {
  const leaves = new Set<Leaf>()
  for (const { left, right, orNull } of facts) {
    const isStrict = !(isConstants(right) && right.some((constant) => 'orNull' in constant))
    if (orNull === true || !isStrict) continue
    leaves.add(left.leaf)
    if (!isConstants(right)) leaves.add(right.leaf)
  }
  return leaves
}

/** Every relation of a tree. */
export function leavesOf(tree: JoinTree): Set<Leaf> {
  if (tree.kind === 'leaf') return new Set([tree.leaf])
  return new Set([...leavesOf(tree.left), ...leavesOf(tree.right)])
}

/** What holds for every row that a (reduced) tree gives. */
export function factsOfTree(tree: JoinTree, ofLeaf: FactsOfLeaf): Facts {
  if (tree.kind === 'leaf') return ofLeaf(tree.leaf)
  const left = (): Facts => factsOfTree(tree.left, ofLeaf)
  const right = (): Facts => factsOfTree(tree.right, ofLeaf)
  if (tree.kind === 'left') return left()
  if (tree.kind === 'right') return right()
  if (tree.kind === 'full') return []
  return together(together(left(), right()), tree.on)
}

export interface Visitor {
  readonly ofLeaf: FactsOfLeaf
  readonly leaf: (leaf: Leaf, facts: Facts) => void
  readonly site: (query: Query, facts: Facts) => void
}

/**
 * Tells every leaf, and every query in an ON, the facts that hold where it matters. `facts` are
 * those of the whole tree's place.
 */
export function visit(tree: JoinTree, facts: Facts, visitor: Visitor): void {
  if (tree.kind === 'leaf') {
    visitor.leaf(tree.leaf, facts)
    return
  }
  const { left, right, on, sites } = tree
  let [forLeft, forRight, forSites] = [facts, facts, facts]
  if (tree.kind === 'left') {
    forRight = together(strictly(facts), nullableSide(right, left, on, visitor))
    forSites = forRight
  } else if (tree.kind === 'right') {
    forLeft = together(strictly(facts), nullableSide(left, right, on, visitor))
    forSites = forLeft
  } else if (tree.kind === 'full') {
    forLeft = together(strictly(facts), factsOfTree(left, visitor.ofLeaf))
    forRight = together(strictly(facts), factsOfTree(right, visitor.ofLeaf))
  }
  for (const site of sites) visitor.site(site, forSites)
  visit(left, forLeft, visitor)
  visit(right, forRight, visitor)
}

/**
 * The constants that columns of nullable sides equal where a row is joined. Elsewhere they are NULL: for
 * a query that equates its own with them it comes to the same, as for nothing else.
 */
export function factsOfJoined(tree: JoinTree, facts: Facts, ofLeaf: FactsOfLeaf): Facts {
  const found: Equality[] = []
  visit(tree, facts, {
    ofLeaf,
    site: () => undefined,
    leaf(leaf, at) {
      if (at === facts) return
      for (const left of leaf.terms.values()) {
        const right = constantsEqualTo(left, at)
        const isNews = right !== undefined && constantsEqualTo(left, facts) === undefined
        if (isNews) found.push({ left, right })
      }
    },
  })
  return found
}

/**
 * What holds where a row of the nullable side is joined: the condition, what holds within that
 * side, and what holds of the rows beside it that the condition can be true for.
 */
function nullableSide(
  nullable: JoinTree,
  preserved: JoinTree,
  on: readonly Equality[],
  { ofLeaf }: Visitor,
): Facts {
  const beside = factsOfTree(reduce(preserved, leavesNamed(on)), ofLeaf)
  return together(together(on, factsOfTree(nullable, ofLeaf)), beside)
}
