import { type Body, fields, list, name, only, tagged } from '../parse/syntax-tree.ts'
import { unsupported } from '../parse/unprovable.ts'
import { equalsFound } from '../proof/facts.ts'
import {
  type Constant,
  type Equality,
  nothingKnown,
  type Term,
  type Value,
} from '../proof/model.ts'
import { isBuiltinOperator } from './builtin-functions.ts'
import { testsForInserted } from './inserted-test.ts'
import {
  constantsOf,
  elementsOf,
  type Place,
  type Translation,
  useAnyhow,
  useTogether,
} from './translation.ts'
import { expression, operand } from './walk.ts'
import { operandOrRow } from './whole-row.ts'

const kinds: ReadonlySet<unknown> = new Set([
  'AEXPR_OP',
  'AEXPR_OP_ANY',
  'AEXPR_OP_ALL',
  'AEXPR_DISTINCT',
  'AEXPR_NOT_DISTINCT',
  'AEXPR_NULLIF',
  'AEXPR_IN',
  'AEXPR_LIKE',
  'AEXPR_ILIKE',
  'AEXPR_SIMILAR',
  'AEXPR_BETWEEN',
  'AEXPR_NOT_BETWEEN',
  'AEXPR_BETWEEN_SYM',
  'AEXPR_NOT_BETWEEN_SYM',
])
const keywords = new Set(['BETWEEN', 'NOT BETWEEN', 'BETWEEN SYMMETRIC', 'NOT BETWEEN SYMMETRIC'])
/** What those stand for, one way or the other. */
const orders = ['<', '>', '<=', '>=']

/** An operator with its operands; only the built-in equality gives facts. */
export function operation(body: Body, place: Place): Value {
  const known = ['kind', 'name', 'lexpr', 'rexpr', 'rexpr_list_start', 'rexpr_list_end'] as const
  const { kind, name: names, lexpr, rexpr } = fields(body, known)
  if (!kinds.has(kind)) throw unsupported(String(kind))
  const operator = operatorOf(names, place)
  const isTest = kind === 'AEXPR_OP' && (operator === '=' || operator === '<>')
  if (isTest && testsForInserted(lexpr, rexpr, place)) return nothingKnown
  if (operator === '=') {
    if (kind === 'AEXPR_OP') return equality(lexpr, rexpr, place)
    if (kind === 'AEXPR_IN') return inList(lexpr, rexpr, place)
    if (kind === 'AEXPR_OP_ANY') return equalsAny(lexpr, rexpr, place)
    if (kind === 'AEXPR_NOT_DISTINCT') return notDistinct(lexpr, rexpr, place)
  }
  for (const side of [lexpr, rexpr]) {
    if (side !== undefined) useAnyhow(place.translation, operandOrRow(side, place))
  }
  return nothingKnown
}

/** The operator's name, where it is known; with its schema where that is no schema of PostgreSQL's. */
export function operatorOf(names: unknown, { translation }: Place): string {
  const path = list(names).map(name)
  const operator = path.at(-1) ?? ''
  const isOwn = path.length === 1 || (path.length === 2 && path[0] === 'pg_catalog')
  const isKnown = isOwn && (isBuiltinOperator(operator) || keywords.has(operator))
  const isInstalled =
    path.length < 3 && translation.schema.installs('operator', operator, path.at(-2))
  if (!(isKnown || isInstalled)) {
    throw unsupported(`the operator ${path.join('.')} is not built in`)
  }
  if (path.length === 1) refuseShadowed(keywords.has(operator) ? orders : [operator], translation)
  return isOwn ? operator : path.join('.')
}

/** An operator of the user's own wins over the built-in one where its operands fit better. */
export function refuseShadowed(operators: readonly string[], { schema }: Translation): void {
  if (operators.some((operator) => schema.shadows('operator', operator))) {
    throw unsupported('an operator that the database has under the name of a built-in one')
  }
}

function equality(lexpr: unknown, rexpr: unknown, place: Place): Value {
  const lefts = rowOf(lexpr)
  const rights = rowOf(rexpr)
  if (lefts === undefined || rights === undefined || lefts.length !== rights.length) {
    return { facts: equal(operandOrRow(lexpr, place), operandOrRow(rexpr, place), place) }
  }
  return {
    facts: lefts.flatMap((left, i) =>
      equal(operand(left, place), operand(rights[i], place), place),
    ),
  }
}

export function rowOf(node: unknown): readonly unknown[] | undefined {
  const [tag, body] = tagged(node)
  return tag === 'RowExpr' ? list(fields(body, ['args', 'row_format']).args) : undefined
}

/** What `left = right` says; parameters take the type of the typed side. */
function equal(left: Value, right: Value, place: Place): Equality[] {
  if (left.term !== undefined && right.term !== undefined) {
    return left.term.family === right.term.family ? [{ left: left.term, right: right.term }] : []
  }
  if (left.term !== undefined) return equalsValue(left.term, right, place)
  if (right.term !== undefined) return equalsValue(right.term, left, place)
  useAnyhow(place.translation, left)
  useAnyhow(place.translation, right)
  return []
}

function equalsValue(term: Term, value: Value, place: Place): Equality[] {
  if (value.found !== undefined) return equalsFound(term, value.found)
  const constants = constantsOf(place.translation, value, term.family)
  return constants === undefined ? [] : [{ left: term, right: constants }]
}

/** `column IN (…)`, or the columns of a row: each constant must be the tenant. */
function inList(lexpr: unknown, rexpr: unknown, place: Place): Value {
  const items = list(fields(only(rexpr, 'List'), ['items']).items)
  const lefts = rowOf(lexpr)
  const rows = items.map(rowOf)
  if (lefts === undefined || rows.some((row) => row?.length !== lefts.length)) {
    return oneOf(expression(lexpr, place).term, items, place)
  }
  return {
    facts: lefts.flatMap((left, i) => {
      const { term } = expression(left, place)
      return (
        oneOf(
          term,
          rows.map((row) => row?.[i]),
          place,
        ).facts ?? []
      )
    }),
  }
}

/** PostgreSQL looks for one type of all that a list holds: any of it may decide that of a parameter. */
function oneOf(term: Term | undefined, items: readonly unknown[], place: Place): Value {
  const { translation } = place
  const values = items.map((item) => operand(item, place))
  if (term === undefined) {
    for (const value of values) useAnyhow(translation, value)
    return nothingKnown
  }
  const constants = values.map((value) => constantsOf(translation, value, term.family))
  const isTyped = values.every(
    (value, i) => constants[i] !== undefined || value.term?.family === term.family,
  )
  if (isTyped) useTogether(translation, values)
  else for (const value of values) useAnyhow(translation, value)
  if (constants.some((each) => each === undefined)) return nothingKnown
  return { facts: [{ left: term, right: constants.flatMap((each) => each ?? []) }] }
}

function equalsAny(lexpr: unknown, rexpr: unknown, place: Place): Value {
  const { term } = expression(lexpr, place)
  const [tag, body] = tagged(rexpr)
  if (tag === 'A_ArrayExpr') {
    const { elements } = fields(body, ['elements', 'list_start', 'list_end'])
    return oneOf(term, list(elements), place)
  }
  const array = operand(rexpr, place)
  if (term === undefined) {
    useAnyhow(place.translation, array)
    return nothingKnown
  }
  if (array.parameter !== undefined) {
    const right = elementsOf(place.translation, array.parameter, term.family)
    return { facts: [{ left: term, right }] }
  }
  const isArray = array.constants?.every(
    (constant) => constant.kind === 'elements' && constant.family === term.family,
  )
  return isArray === true ? { facts: [{ left: term, right: array.constants ?? [] }] } : nothingKnown
}

/**
 * Beside a constant that equals the tenant, and so is not NULL, this is equality. Of any other it is
 * true for rows that an outer join made up.
 */
function notDistinct(lexpr: unknown, rexpr: unknown, place: Place): Value {
  const left = operandOrRow(lexpr, place)
  const right = operandOrRow(rexpr, place)
  const [term, value] = left.term === undefined ? [right.term, left] : [left.term, right]
  if (term === undefined) {
    useAnyhow(place.translation, value)
    useAnyhow(place.translation, right)
    return nothingKnown
  }
  const constants = constantsOf(place.translation, value, term.family)
  return constants === undefined
    ? nothingKnown
    : { facts: [{ left: term, right: constants.map(perhapsNull) }] }
}

function perhapsNull(constant: Constant): Constant {
  return constant.kind === 'literal' ? constant : { ...constant, orNull: true }
}
