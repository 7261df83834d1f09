import { list, tagged } from '../parse/syntax-tree.ts'

/** Policies that pass no row, as PostgreSQL prints them. */
const nothing = new Set(['false', 'NULL::boolean'])

export function passesNothing(expression: string): boolean {
  return nothing.has(expression)
}

/** A statement whose condition has no `IS TRUE` that changes nothing. */
export function withPlainCondition(statement: unknown): unknown {
  const [tag, body] = tagged(statement)
  return { [tag]: { ...body, whereClause: withoutIsTrue(body['whereClause']) } }
}

/**
 * A condition of which rows are passed if it is true, without `IS TRUE`: where it stands alone or
 * between AND and OR, it changes nothing.
 */
function withoutIsTrue(condition: unknown): unknown {
  const [tag, body] = tagged(condition)
  if (tag === 'BooleanTest' && body['booltesttype'] === 'IS_TRUE') return withoutIsTrue(body['arg'])
  const isJoined = tag === 'BoolExpr' && body['boolop'] !== 'NOT_EXPR'
  if (!isJoined) return condition
  return { BoolExpr: { ...body, args: list(body['args']).map(withoutIsTrue) } }
}
