import { bodyOf, fields, list, name, tagged } from '../parse/syntax-tree.ts'
import type { Place } from './translation.ts'

/**
 * Whether it is `xmax = 0` in RETURNING of an INSERT: of a row that the statement has made, and not
 * met by ON CONFLICT. The statement itself decides that. Of any other row `xmax` tells who has locked
 * it, and in any other form it tells of transactions.
 */
export function testsForInserted(lexpr: unknown, rexpr: unknown, { scope, sites }: Place): boolean {
  const { block, items } = scope
  if (block.inserts !== true || sites !== block.outputSites) return false
  const [tag, body] = tagged(lexpr)
  if (tag !== 'ColumnRef') return false
  const path = list(fields(body, ['fields']).fields)
  if (path.some((part) => tagged(part)[0] !== 'String')) return false
  const [column, alias, ...more] = path.map(name).reverse()
  const isOwn = more.length === 0 && (alias === undefined || alias === items[0]?.alias)
  return isOwn && column === 'xmax' && isZero(rexpr)
}

function isZero(node: unknown): boolean {
  const [, { ival }] = tagged(node)
  return ival !== undefined && (bodyOf(ival)['ival'] ?? 0) === 0
}
