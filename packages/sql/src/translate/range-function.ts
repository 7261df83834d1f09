import { type Body, bodyOf, fields, list, name, only, tagged, text } from '../parse/syntax-tree.ts'
import { type Column, nothingKnown } from '../proof/model.ts'
import { aliasOf, merge } from './alias.ts'
import { setColumns } from './builtin-functions.ts'
import { type FromPart, type FromSite, leafOf, scopeBeside } from './from-site.ts'
import { jsonTable } from './json-expression.ts'
import { byName, itemOf, takesRow } from './namespace.ts'
import { addLeaf } from './translation.ts'
import { typeOf } from './type-cast.ts'
import { optional } from './walk.ts'

/** Functions in FROM: nothing is known of their rows but the names of columns. */
export function rangeFunction(body: Body, from: FromSite): FromPart {
  const range = fields(body, [
    'lateral',
    'ordinality',
    'is_rowsfrom',
    'functions',
    'alias',
    'coldeflist',
  ])
  const leaf = addLeaf(from.site.translation, leafOf('opaque', from, body))
  const place = { ...from.site, scope: scopeBeside(from), sites: leaf.sites }
  const columns: string[] = []
  const define = (definition: unknown): void => {
    const { colname, typeName } = fields(only(definition, 'ColumnDef'), [
      'colname',
      'typeName',
      'is_local',
    ])
    typeOf(bodyOf(typeName), place)
    columns.push(text(colname))
  }
  for (const entry of list(range.functions)) {
    const [call, definitions] = list(fields(only(entry, 'List'), ['items']).items)
    optional(call, place)
    const isNone = Object.keys(bodyOf(definitions ?? {})).length === 0
    if (!isNone) list(fields(only(definitions, 'List'), ['items']).items).forEach(define)
  }
  list(range.coldeflist).forEach(define)
  const { alias, names } = aliasOf(range.alias)
  // PostgreSQL takes no ORDINALITY beside them.
  const isComplete = list(range.coldeflist).length > 0
  const listed = columns.map((column): Column => [column, nothingKnown])
  if (isComplete) return { tree: { kind: 'leaf', leaf }, items: [itemOf(alias, listed)] }
  const called = onlyName(range.functions)
  const item = alias ?? called
  const own = called === undefined ? [] : (setColumns.get(called) ?? scalarOf(item, from))
  const ordinals = range.ordinality === true ? ['ordinality'] : []
  const known = merge(names, [...own, ...ordinals])
  const certain = byName([...known.map((column): Column => [column, nothingKnown]), ...listed])
  return { tree: { kind: 'leaf', leaf }, items: [itemOf(item, undefined, certain)] }
}

/**
 * One value has the name of its relation. Where it is a row after all, that name may be a function
 * of it.
 */
function scalarOf(item: string | undefined, { site }: FromSite): readonly (string | undefined)[] {
  const { schema } = site.translation
  const isFunction =
    item === undefined ||
    takesRow(item) ||
    schema.shadows('function', item) ||
    schema.declaresFunction(item)
  return [isFunction ? undefined : item]
}

/** The name of the function, where there is one alone. */
function onlyName(functions: unknown): string | undefined {
  const [entry, ...others] = list(functions)
  const [call] = list(fields(only(entry, 'List'), ['items']).items)
  const [tag, body] = tagged(call)
  const path = tag === 'FuncCall' ? list(body['funcname']).map(name) : []
  return path.length === 1 && others.length === 0 ? path[0] : undefined
}

/** JSON_TABLE in FROM. */
export function rangeJsonTable(body: Body, from: FromSite): FromPart {
  const leaf = addLeaf(from.site.translation, leafOf('opaque', from, body))
  const columns = jsonTable(body, { ...from.site, scope: scopeBeside(from), sites: leaf.sites })
  const { alias, names } = aliasOf(body['alias'])
  const positions = columns.map((column, i): Column => [names[i] ?? column, nothingKnown])
  return { tree: { kind: 'leaf', leaf }, items: [itemOf(alias, positions)] }
}
