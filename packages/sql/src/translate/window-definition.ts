import { type Body, fields, list } from '../parse/syntax-tree.ts'
import type { Place } from './translation.ts'
import { expression, optional, sortKeys } from './walk.ts'

/** What stands after OVER: a window, or the mention of one that WINDOW names. */
export function overWindow(body: Body, place: Place): void {
  const isMention = 'name' in body
  if (isMention) fields(body, ['name', 'frameOptions'])
  else windowDefinition(body, place)
}

/**
 * A window; a filter from above may pass it only if it is partitioned by the filter's column. One that is
 * made of another has its partitions.
 */
export function windowDefinition(body: Body, place: Place): void {
  const window = fields(body, [
    'name',
    'refname',
    'partitionClause',
    'orderClause',
    'frameOptions',
    'startOffset',
    'endOffset',
  ])
  const partition = list(window.partitionClause).map((key) => expression(key, place))
  if (window.refname === undefined) place.scope.block.partitions.push(partition)
  sortKeys(window.orderClause, place)
  optional(window.startOffset, place)
  optional(window.endOffset, place)
}
