import { type Body, bodyOf, fields, list, only, text } from '../parse/syntax-tree.ts'
import { type Column, nothingKnown } from '../proof/model.ts'
import { aliasOf, merge } from './alias.ts'
import { type FromPart, type FromSite, leafOf, scopeBeside } from './from-site.ts'
import { columnsOf, defaultNameOf, isDeclared } from './function-columns.ts'
import { jsonTable } from './json-expression.ts'
import { byName, itemOf, maybe, takesRow } from './namespace.ts'
import { addLeaf, type Place, type Translation } from './translation.ts'
import { typeOf } from './type-cast.ts'
import { unnestedColumns } from './unnested-arrays.ts'
import { optional } from './walk.ts'

/**
 * Functions in FROM: nothing is known of their rows but the names of columns, and of those not all
 * where one of the calls may give rows of any width.
 */
export function rangeFunction(body: Body, from: FromSite): FromPart {
  const range = fields(body, [
    'lateral',
    'ordinality',
    'is_rowsfrom',
    'functions',
    'alias',
    'coldeflist',
  ])
  const { translation } = from.site
  const leaf = addLeaf(translation, leafOf('opaque', from, body))
  const place: Place = { ...from.site, scope: scopeBeside(from), sites: leaf.sites }
  const { alias, names } = aliasOf(range.alias)
  const calls = list(range.functions).map((entry) =>
    list(fields(only(entry, 'List'), ['items']).items),
  )
  const relation = alias ?? defaultNameOf(calls[0]?.[0])
  const isAlone = calls.length === 1
  const ofCalls = calls.map(([call, definitions]): Known => {
    optional(call, place)
    const isNone = Object.keys(bodyOf(definitions ?? {})).length === 0
    if (isNone) return columnsOf(call, isAlone ? relation : undefined, place)
    return defined(fields(only(definitions, 'List'), ['items']).items, place)
  })
  const listed = defined(range.coldeflist, place)
  const ordinals = range.ordinality === true ? ['ordinality'] : []
  // PostgreSQL takes no ORDINALITY beside a list of columns.
  const given = listed.length > 0 ? [listed] : [...ofCalls, ordinals]
  const first = given.indexOf(undefined)
  const before = given.slice(0, first === -1 ? given.length : first).flatMap((each) => each ?? [])
  const isCounted = first === -1 && range.is_rowsfrom !== true
  const values = isCounted ? unnestedColumns(calls[0]?.[0], leaf, place) : []
  const certain = merge(names, before).map(
    (column, i): Column => [column, values[i] ?? nothingKnown],
  )
  const tree = { kind: 'leaf', leaf } as const
  if (first === -1) return { tree, items: [itemOf(relation, certain)] }
  // Behind columns that nobody has counted, names may be given to any of the others.
  const isRenamed = names.length > before.length
  const behind = given.slice(first).flatMap((each) => each ?? [])
  if (!isRenamed) certain.push(...behind.map((column): Column => [column, nothingKnown]))
  const isCalledSo = isAlone && names.length === 0 && !isDeclared(calls[0]?.[0], place)
  const possible = [...(isCalledSo ? [relation] : []), ...ordinals]
    .filter((column) => !mayTakeRows(column, translation))
    .map((column): Column => [column, maybe])
  return { tree, items: [itemOf(relation, undefined, byName([...certain, ...possible]))] }
}

type Known = readonly string[] | undefined

/** The columns that a list of definitions names. */
function defined(definitions: unknown, place: Place): readonly string[] {
  return list(definitions).map((definition) => {
    const { colname, typeName } = fields(only(definition, 'ColumnDef'), [
      'colname',
      'typeName',
      'is_local',
    ])
    typeOf(bodyOf(typeName), place)
    return text(colname)
  })
}

/** Whether a function of this name may take what is no column after all, but a row. */
function mayTakeRows(called: string, { schema }: Translation): boolean {
  return takesRow(called) || schema.shadows('function', called) || schema.declaresFunction(called)
}

/** JSON_TABLE in FROM. */
export function rangeJsonTable(body: Body, from: FromSite): FromPart {
  const leaf = addLeaf(from.site.translation, leafOf('opaque', from, body))
  const columns = jsonTable(body, { ...from.site, scope: scopeBeside(from), sites: leaf.sites })
  const { alias, names } = aliasOf(body['alias'])
  const positions = columns.map((column, i): Column => [names[i] ?? column, nothingKnown])
  return { tree: { kind: 'leaf', leaf }, items: [itemOf(alias ?? 'json_table', positions)] }
}
