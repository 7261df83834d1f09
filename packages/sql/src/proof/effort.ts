import { unsupported } from '../parse/unprovable.ts'

/** What is looked at, and how much each takes beside the others. */
const costs = { constants: 1, names: 1, facts: 8, columns: 24, nodes: 16 } as const

/** What people and builders write takes some ten thousands, all of them together. */
const enough = 5_000_000
/** What stands in a text once takes less, however long the text is. */
const perCharacter = 50

let left = Number.POSITIVE_INFINITY

/** What a text of this length may take. */
export function effortFor(length: number): number {
  return enough + perCharacter * length
}

/**
 * Reads and proves a text within bounds: queries within queries see what is said around them, and
 * each mention of a query of WITH is read anew, so a text of some kB could take all of the memory.
 * It is counted, not timed: a text has the same verdict on every machine.
 * @throws Unprovable where the work takes more
 */
export function withinEffort<Result>(effort: number, work: () => Result): Result {
  const around = left
  left = effort
  try {
    return work()
  } finally {
    left = around
  }
}

/** Notes that so many of them are looked at. */
export function spend(what: keyof typeof costs, many: number): void {
  left -= costs[what] * many
  if (left >= 0) return
  throw unsupported(
    'too many columns, comparisons or constants, which queries within one another or mentions of WITH repeat',
  )
}
