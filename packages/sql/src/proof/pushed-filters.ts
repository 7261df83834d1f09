import { outputOf } from '../translate/outputs.ts'
import { spend } from './effort.ts'
import { constantsEqualTo, equalsAnother, type Facts } from './facts.ts'
import { rowsAreVoid } from './found-facts.ts'
import type { Block, Equality, Leaf, SetOperation, Term } from './model.ts'
import type { OutputProof } from './output-proof.ts'

/** What a filter above says that the columns of a query equal. */
export type Pushed = ReadonlyMap<string, Equality['right']>

export const nothingPushed: Pushed = new Map()

/** What the block around says of the columns of a query in its FROM: constants, and what is joined. */
export function filtersOf({ terms }: Leaf, at: Facts): Pushed {
  const pushed = new Map<string, Equality['right']>()
  spend('columns', terms.size)
  for (const [key, term] of terms) {
    // Of an equality with another column both sides are there, or no row is joined. What that one
    // equals is known further inside, too: said again of each column on each level, it would grow.
    const right = equalsAnother(term, at) ? term : constantsEqualTo(term, at)
    if (right !== undefined) pushed.set(key, right)
  }
  return pushed
}

/**
 * The filters that may move into both arms. Into the steps of a recursive query those may whose column
 * each step keeps, and whose other rows it neither counts nor numbers: they lead to none that pass.
 */
export function passing(outputs: OutputProof, query: SetOperation, pushed: Pushed): Pushed {
  if (!query.barrier) return pushed
  const { self, arms } = query
  const [, step] = arms
  if (self === undefined || step.kind !== 'block' || step.barrier) return nothingPushed
  return new Map(
    [...pushed].filter(([key]) => {
      // What the query says by itself is no filter, and may be of a step alone.
      if (outputs.constantsOf(query, key) !== undefined) return false
      const before = self.terms.get(key)
      const after = outputOf(step.outputs, key)?.term
      if (before === undefined || after === undefined || !isKept(step, after)) return false
      return outputs.areEqual(step, after, before)
    }),
  )
}

/** The filters that may move below what the block does to its rows. */
export function admitted(block: Block, pushed: Pushed): readonly Equality[] {
  if (block.barrier || rowsAreVoid(block)) return []
  const facts: Equality[] = []
  for (const [key, right] of pushed) {
    const left = outputOf(block.outputs, key)?.term
    if (left !== undefined && isKept(block, left)) facts.push({ left, right })
  }
  return facts
}

/** Whether rows with another value of the column can be dropped before grouping and windows. */
function isKept(block: Block, term: Term): boolean {
  const sets = block.grouped === undefined ? block.partitions : [...block.partitions, block.grouped]
  return sets.every((values) => values.some((value) => value.term === term))
}
