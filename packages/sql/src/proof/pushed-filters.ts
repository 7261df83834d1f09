import { outputOf } from '../translate/outputs.ts'
import { rowsAreVoid } from './found-facts.ts'
import type { Block, Constant, Equality, SetOperation, Term } from './model.ts'
import type { OutputProof } from './output-proof.ts'

/** What a filter above says of the columns of a query. */
export type Pushed = ReadonlyMap<string, readonly Constant[]>

export const nothingPushed: Pushed = new Map()

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
    const term = outputOf(block.outputs, key)?.term
    if (term !== undefined && isKept(block, term)) facts.push({ left: term, right })
  }
  return facts
}

/** Whether rows with another value of the column can be dropped before grouping and windows. */
function isKept(block: Block, term: Term): boolean {
  const sets = block.grouped === undefined ? block.partitions : [...block.partitions, block.grouped]
  return sets.every((values) => values.some((value) => value.term === term))
}
