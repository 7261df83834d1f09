import { type Body, bodyOf, fields, list, name, only, tagged, text } from '../parse/syntax-tree.ts'
import { unsupported } from '../parse/unprovable.ts'
import { spend } from '../proof/effort.ts'
import { nothingKnown, type Value } from '../proof/model.ts'
import { inEveryArm } from './either-fact.ts'
import { functionCall } from './function-call.ts'
import { jsonExpressions } from './json-expression.ts'
import { type Resolved, resolveColumn, resolveQualified } from './namespace.ts'
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
  ...jsonExpressions,
  NullTest: (body, place) => {
    const { arg, nulltesttype } = fields(body, ['arg', 'nulltesttype', 'argisrow'])
    const { term } = expression(arg, place)
    if (term === undefined) return nothingKnown
    const isNull = nulltesttype === 'IS_NULL'
    return {
      facts: [isNull ? { left: term, right: [], orNull: true } : { left: term, right: term }],
    }
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
  SetToDefault: (body, { translation }) => {
    fields(body, ['typeId', 'typeMod'])
    translation.asksForDefaults = true
    return nothingKnown
  },
  SQLValueFunction: (body) => {
    fields(body, ['op', 'typmod'])
    return nothingKnown
  },
  // merge_action(): PostgreSQL takes it only in RETURNING of MERGE.
  MergeSupportFunc: (body) => {
    fields(body, ['msftype'])
    return nothingKnown
  },
  NamedArgExpr: (body, place) => {
    expression(fields(body, ['arg', 'name', 'argnumber']).arg, place)
    return nothingKnown
  },
  GroupingFunc: (body, place) => expressions(fields(body, ['args']).args, place),
  CollateClause: (body, place) => {
    expression(fields(body, ['arg', 'collname']).arg, place)
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
  // In a list it stands for all columns, and what is behind it has another place than it seems to.
  if (tagged(last)[0] === 'A_Star') throw unsupported('a row with a star in a list')
  const column = name(last)
  return see(
    place,
    qualifiers.length === 0
      ? resolveColumn(place.scope, column)
      : resolveQualified(place.scope, qualifiers, column),
  )
}

function see(place: Place, resolved: Resolved): Value {
  spend('nodes', place.seen.length)
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
  const arms = list(args).map((arg) => expression(arg, place).facts ?? [])
  if (boolop === 'AND_EXPR') return { facts: arms.flat() }
  return boolop === 'OR_EXPR' ? { facts: inEveryArm(arms) } : nothingKnown
}
