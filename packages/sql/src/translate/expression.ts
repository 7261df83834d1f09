import { type Body, bodyOf, fields, list, name, only, tagged, text } from '../parse/syntax-tree.ts'
import { unsupported } from '../parse/unprovable.ts'
import { isConstants } from '../proof/facts.ts'
import {
  type Constant,
  type Equality,
  nothingKnown,
  type Term,
  type Value,
} from '../proof/model.ts'
import { functionCall } from './function-call.ts'
import { type Resolved, resolveColumn, resolveItem, resolveQualified } from './namespace.ts'
import { operation, refuseShadowed } from './operation.ts'
import { subLink } from './sub-link.ts'
import { nested, type Place } from './translation.ts'
import { typeCast } from './type-cast.ts'
import { expression, expressions, optional, subscript } from './walk.ts'

/** What is known of an expression; everything in it is visited. */
export function translateOperand(node: unknown, place: Place): Value {
  const [tag, body] = tagged(node)
  const rule = rules[tag]
  if (rule === undefined) throw unsupported(tag)
  return nested(place.translation, () => rule(body, place))
}

type Rule = (body: Body, place: Place) => Value

const rules: Readonly<Record<string, Rule>> = {
  __proto__: null as never,
  ColumnRef: columnReference,
  ParamRef: (body) => {
    const { number } = fields(body, ['number'])
    if (typeof number !== 'number') throw unsupported('a parameter without a number')
    return { parameter: number }
  },
  A_Const: literal,
  A_Expr: operation,
  BoolExpr: booleanExpression,
  TypeCast: typeCast,
  FuncCall: functionCall,
  SubLink: subLink,
  NullTest: (body, place) => {
    const { arg, nulltesttype } = fields(body, ['arg', 'nulltesttype', 'argisrow'])
    const { term } = expression(arg, place)
    return term !== undefined && nulltesttype === 'IS_NULL' ? { isNull: term } : nothingKnown
  },
  BooleanTest: (body, place) => {
    const { arg } = fields(body, ['arg', 'booltesttype'])
    expression(arg, place)
    return nothingKnown
  },
  CaseExpr: (body, place) => {
    const { arg, args, defresult } = fields(body, ['arg', 'args', 'defresult'])
    if (arg !== undefined) refuseShadowed(['='], place.translation)
    optional(arg, place)
    for (const branch of list(args)) {
      const { expr, result } = fields(only(branch, 'CaseWhen'), ['expr', 'result'])
      expression(expr, place)
      expression(result, place)
    }
    optional(defresult, place)
    return nothingKnown
  },
  CoalesceExpr: (body, place) => expressions(fields(body, ['args']).args, place),
  MinMaxExpr: (body, place) => expressions(fields(body, ['args', 'op']).args, place),
  RowExpr: (body, place) => expressions(fields(body, ['args', 'row_format']).args, place),
  A_ArrayExpr: (body, place) =>
    expressions(fields(body, ['elements', 'list_start', 'list_end']).elements, place),
  List: (body, place) => expressions(fields(body, ['items']).items, place),
  // DEFAULT: PostgreSQL takes it only where a column is written.
  SetToDefault: (body) => {
    fields(body, ['typeId', 'typeMod'])
    return nothingKnown
  },
  SQLValueFunction: (body) => {
    fields(body, ['op', 'typmod'])
    return nothingKnown
  },
  GroupingFunc: (body, place) => expressions(fields(body, ['args']).args, place),
  CollateClause: (body, place) => {
    const { arg, collname } = fields(body, ['arg', 'collname'])
    list(collname).forEach(name)
    expression(arg, place)
    return nothingKnown
  },
  A_Indirection: (body, place) => {
    const { arg, indirection } = fields(body, ['arg', 'indirection'])
    expression(arg, place)
    for (const step of list(indirection)) subscript(step, place)
    return nothingKnown
  },
}

function columnReference(body: Body, place: Place): Value {
  const path = list(fields(body, ['fields']).fields)
  const last = path.at(-1)
  const qualifiers = path.slice(0, -1).map(name)
  if (tagged(last)[0] === 'A_Star') {
    // A whole row: it may be counted or turned into JSON.
    fields(only(last, 'A_Star'), [])
    const { level } = resolveItem(place.scope, qualifiers)
    return see(place, { value: nothingKnown, levels: [level], certain: true })
  }
  const column = name(last)
  return see(
    place,
    qualifiers.length === 0
      ? resolveColumn(place.scope, column)
      : resolveQualified(place.scope, qualifiers, column),
  )
}

function see(place: Place, resolved: Resolved): Value {
  for (const seen of place.seen) seen.push(resolved)
  return resolved.value
}

function literal(body: Body): Value {
  const { ival, fval, sval } = fields(body, ['ival', 'fval', 'sval', 'boolval', 'bsval', 'isnull'])
  if (ival !== undefined) {
    const number = bodyOf(ival)['ival'] ?? 0
    return { literal: { text: String(number), quoted: false } }
  }
  if (fval !== undefined) {
    return { literal: { text: text(bodyOf(fval)['fval'] ?? ''), quoted: false } }
  }
  if (sval !== undefined) {
    return { literal: { text: text(bodyOf(sval)['sval'] ?? ''), quoted: true } }
  }
  return nothingKnown
}

/** AND gives what its arms give, OR what each of them gives, NOT nothing. */
function booleanExpression(body: Body, place: Place): Value {
  const { boolop, args } = fields(body, ['boolop', 'args'])
  const values = list(args).map((arg) => expression(arg, place))
  if (boolop === 'AND_EXPR') return { facts: values.flatMap((value) => value.facts ?? []) }
  if (boolop !== 'OR_EXPR') return nothingKnown
  const arms = values.filter((value) => value.isNull === undefined).map(({ facts = [] }) => facts)
  const nulls = values.flatMap((value) => value.isNull ?? [])
  return { facts: nulls.length === 0 ? inEveryArm(arms) : orNull(arms, nulls) }
}

/** `owner = $1 OR owner IS NULL`: the tenant's own rows and those that all share. */
function orNull(
  arms: readonly (readonly Equality[])[],
  nulls: readonly Term[],
): readonly Equality[] {
  const [arm = [], ...others] = arms
  const [term] = nulls
  if (term === undefined || others.length > 0 || nulls.some((each) => each !== term)) return []
  return arm.flatMap((fact) => {
    if (fact.orNull === true || fact.saidBy !== undefined) return []
    if (fact.left === term) return [{ ...fact, orNull: true as const }]
    if (fact.right === term) return [{ left: term, right: fact.left, orNull: true as const }]
    return []
  })
}

/** A column that is a constant in every arm is one of them; all of them must be the tenant. */
function inEveryArm([first = [], ...others]: readonly (readonly Equality[])[]): Equality[] {
  return first.flatMap(({ left, right, orNull, saidBy }) => {
    if (!isConstants(right) || orNull === true || saidBy !== undefined) return []
    const rest = others.map((arm) => constantsOfTerm(left, arm))
    if (rest.some((constants) => constants === undefined)) return []
    return [{ left, right: [...right, ...rest.flatMap((constants) => constants ?? [])] }]
  })
}

function constantsOfTerm(term: Term, arm: readonly Equality[]): readonly Constant[] | undefined {
  for (const { left, right, orNull, saidBy } of arm) {
    const isPlain = orNull !== true && saidBy === undefined
    if (isPlain && left === term && isConstants(right)) return right
  }
  return undefined
}
