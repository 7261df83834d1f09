import { unsupported } from '../parse/unprovable.ts'
import {
  type Column,
  type Equality,
  type JoinKind,
  nothingKnown,
  type Value,
} from '../proof/model.ts'
import { type Item, itemOf, lookUp } from './namespace.ts'
import { refuseShadowed } from './operation.ts'
import type { Translation } from './translation.ts'

/** A column that JOIN … USING makes of two. */
export interface Merged {
  readonly column: string
  readonly value: Value
  readonly facts: readonly Equality[]
}

/** USING (column): the merged column is the left one, the right one, or neither. */
export function using(
  column: string,
  kind: JoinKind,
  [left, right]: readonly [readonly Item[], readonly Item[]],
  translation: Translation,
): Merged {
  refuseShadowed(['='], translation)
  if ([...left, ...right].some(({ unstarred }) => unstarred?.has(column) === true)) {
    throw unsupported('USING a column that SEARCH or CYCLE adds')
  }
  const [a, b] = [lookUp(left, column)?.term, lookUp(right, column)?.term]
  if (a === undefined || b === undefined || a.family !== b.family) {
    return { column, value: nothingKnown, facts: [] }
  }
  const value = kind === 'full' ? nothingKnown : { term: kind === 'right' ? b : a }
  return { column, value, facts: [{ left: a, right: b }] }
}

/** The relations without the columns that were merged, and those. */
export function withMerged(items: readonly Item[], merged: readonly Merged[]): readonly Item[] {
  if (merged.length === 0) return items
  const names = new Set(merged.map(({ column }) => column))
  const hidden = items.map((item) => ({ ...item, merged: new Set([...item.merged, ...names]) }))
  const columns = merged.map(({ column, value }): Column => [column, value])
  return [itemOf(undefined, columns), ...hidden]
}
