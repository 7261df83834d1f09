import { type Body, bodyOf, fields, list, only, text } from '../parse/syntax-tree.ts'
import { nothingKnown, type Value } from '../proof/model.ts'
import { asAggregate } from './function-call.ts'
import type { Place } from './translation.ts'
import { typeOf } from './type-cast.ts'
import { expression, optional, sortKeys } from './walk.ts'
import { overWindow } from './window-definition.ts'

type Rule = (body: Body, place: Place) => Value

/** The constructors and functions that SQL/JSON writes in words of its own: nothing is known of them. */
export const jsonExpressions: Readonly<Record<string, Rule>> = {
  __proto__: null as never,
  JsonObjectConstructor: (body, place) => {
    const { exprs, output } = fields(body, ['exprs', 'output', 'absent_on_null', 'unique'])
    for (const pair of list(exprs)) keyValue(only(pair, 'JsonKeyValue'), place)
    return jsonOutput(output, place)
  },
  JsonArrayConstructor: (body, place) => {
    const { exprs, output } = fields(body, ['exprs', 'output', 'absent_on_null'])
    for (const value of list(exprs)) jsonValue(only(value, 'JsonValueExpr'), place)
    return jsonOutput(output, place)
  },
  JsonArrayQueryConstructor: (body, place) => {
    const known = ['query', 'output', 'format', 'absent_on_null'] as const
    const { query, output } = fields(body, known)
    const site = { ...place, parent: place.scope, violation: 'missing_relation_filter' } as const
    place.sites.push(place.translation.grammar.query(query, site))
    return jsonOutput(output, place)
  },
  JsonObjectAgg: (body, place) => {
    const call = fields(body, ['constructor', 'arg', 'absent_on_null', 'unique'])
    return jsonAggregate(call.constructor, place, (inside) => keyValue(bodyOf(call.arg), inside))
  },
  JsonArrayAgg: (body, place) => {
    const call = fields(body, ['constructor', 'arg', 'absent_on_null'])
    return jsonAggregate(call.constructor, place, (inside) => jsonValue(bodyOf(call.arg), inside))
  },
  JsonIsPredicate: (body, place) => {
    expression(fields(body, ['expr', 'format', 'item_type', 'unique_keys']).expr, place)
    return nothingKnown
  },
  JsonParseExpr: (body, place) => {
    const { expr, output } = fields(body, ['expr', 'output', 'unique_keys'])
    jsonValue(bodyOf(expr), place)
    return jsonOutput(output, place)
  },
  JsonScalarExpr: (body, place) => {
    const { expr, output } = fields(body, ['expr', 'output'])
    expression(expr, place)
    return jsonOutput(output, place)
  },
  JsonSerializeExpr: (body, place) => {
    const { expr, output } = fields(body, ['expr', 'output'])
    jsonValue(bodyOf(expr), place)
    return jsonOutput(output, place)
  },
  JsonFuncExpr: (body, place) => {
    const call = fields(body, [
      'op',
      'column_name',
      'context_item',
      'pathspec',
      'passing',
      'output',
      'on_empty',
      'on_error',
      'wrapper',
      'quotes',
    ])
    jsonValue(bodyOf(call.context_item), place)
    expression(call.pathspec, place)
    passed(call.passing, place)
    behaviour(call.on_empty, place)
    behaviour(call.on_error, place)
    return jsonOutput(call.output, place)
  },
}

/**
 * JSON_TABLE: rows made of one document, by paths that the parser takes as plain texts only. Gives the
 * names of its columns.
 */
export function jsonTable(body: Body, place: Place): readonly string[] {
  const table = fields(body, [
    'context_item',
    'pathspec',
    'passing',
    'columns',
    'on_error',
    'alias',
    'lateral',
  ])
  jsonValue(bodyOf(table.context_item), place)
  passed(table.passing, place)
  behaviour(table.on_error, place)
  return tableColumns(table.columns, place)
}

/** Gives their names in order: those of nested paths stand behind all others. */
function tableColumns(columns: unknown, place: Place): readonly string[] {
  const names: string[] = []
  const nested: string[] = []
  for (const each of list(columns)) {
    const column = fields(only(each, 'JsonTableColumn'), [
      'coltype',
      'name',
      'typeName',
      'pathspec',
      'format',
      'wrapper',
      'quotes',
      'columns',
      'on_empty',
      'on_error',
    ])
    if (column.typeName !== undefined) typeOf(bodyOf(column.typeName), place)
    behaviour(column.on_empty, place)
    behaviour(column.on_error, place)
    nested.push(...tableColumns(column.columns, place))
    if (column.coltype !== 'JTC_NESTED') names.push(text(column.name))
  }
  return [...names, ...nested]
}

function keyValue(body: Body, place: Place): void {
  const { key, value } = fields(body, ['key', 'value'])
  expression(key, place)
  jsonValue(bodyOf(value), place)
}

function jsonValue(body: Body, place: Place): void {
  optional(fields(body, ['raw_expr', 'format']).raw_expr, place)
}

function passed(args: unknown, place: Place): void {
  for (const each of list(args)) {
    jsonValue(bodyOf(fields(only(each, 'JsonArgument'), ['val', 'name']).val), place)
  }
}

function behaviour(node: unknown, place: Place): void {
  if (node === undefined) return
  optional(fields(bodyOf(node), ['btype', 'expr', 'coerce']).expr, place)
}

function jsonOutput(node: unknown, place: Place): Value {
  if (node === undefined) return nothingKnown
  const { typeName } = fields(bodyOf(node), ['typeName', 'returning'])
  typeOf(bodyOf(typeName), place)
  return nothingKnown
}

function jsonAggregate(node: unknown, place: Place, argument: (inside: Place) => void): Value {
  const { output, agg_filter, agg_order, over } = fields(bodyOf(node), [
    'output',
    'agg_filter',
    'agg_order',
    'over',
  ])
  jsonOutput(output, place)
  const walk = (inside: Place): void => {
    argument(inside)
    sortKeys(agg_order, inside)
    optional(agg_filter, inside)
  }
  if (over === undefined) return asAggregate(place, walk, true)
  overWindow(bodyOf(over), place)
  walk(place)
  return nothingKnown
}
