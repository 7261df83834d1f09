import { tokensOf } from './lexer.ts'
import type { Body } from './syntax-tree.ts'
import { unsupported } from './unprovable.ts'

/** The version that brought what the parser, which reads as 18 does, makes a node of. */
const since: ReadonlyMap<string, number> = new Map([
  ['MergeStmt', 15],
  ['JsonObjectConstructor', 16],
  ['JsonArrayConstructor', 16],
  ['JsonArrayQueryConstructor', 16],
  ['JsonObjectAgg', 16],
  ['JsonArrayAgg', 16],
  ['JsonIsPredicate', 16],
  ['JsonParseExpr', 17],
  ['JsonScalarExpr', 17],
  ['JsonSerializeExpr', 17],
  ['JsonFuncExpr', 17],
  ['JsonTable', 17],
  ['MergeSupportFunc', 17],
])
const newest = Math.max(...since.values())

/** Numbers as they are written since PostgreSQL 16; before, `1_0` is 1 by the name of `_0`. */
const newNumber = /_|^0[xob]/i
const maybeNewNumber = /\d_|0[xob]/i
const numbersSince = 16

/**
 * Refuses what servers of this version read otherwise than the parser does, or not at all: a call of
 * your own function `json_value`, say, is taken for the one of SQL.
 * @param serverVersion - as the server says it: `170002` is 17.2
 * @throws {@link Unprovable} `unsupported`
 */
export function refuseNewer(
  statements: readonly Body[],
  text: string,
  serverVersion: number,
): void {
  const version = Math.floor(serverVersion / 10_000)
  if (version >= newest) return
  for (const statement of statements) refuseNodes(statement, version)
  if (version >= numbersSince || !maybeNewNumber.test(text)) return
  for (const { tokenName, text: token } of tokensOf(text)) {
    const isNumber = tokenName === 'ICONST' || tokenName === 'FCONST'
    if (isNumber && newNumber.test(token)) throw newer('a number', numbersSince)
  }
}

/** The text was found to be shallow when it was parsed. */
function refuseNodes(value: unknown, version: number): void {
  if (typeof value !== 'object' || value === null) return
  for (const [name, inner] of Object.entries(value)) {
    const needed = since.get(name)
    if (needed !== undefined && needed > version) throw newer(name, needed)
    refuseNodes(inner, version)
  }
}

function newer(what: string, needed: number): Error {
  return unsupported(`${what} that PostgreSQL reads since version ${needed}`)
}
