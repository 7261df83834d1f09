import { type Body, bodyOf, fields, list, name, only, tagged, text } from '../parse/syntax-tree.ts'
import { type Column, nothingKnown } from '../proof/model.ts'
import { aliasOf } from './alias.ts'
import { setColumns } from './builtin-functions.ts'
import { type FromPart, type FromSite, leafOf, scopeBeside } from './from-site.ts'
import { jsonTable } from './json-expression.ts'
import { byName, itemOf } from './namespace.ts'
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
  const known = names.length > 0 ? names : columnsOfFunctions(range, alias)
  const certain = byName([...known.map((column): Column => [column, nothingKnown]), ...listed])
  return {
    tree: { kind: 'leaf', leaf },
    items: [itemOf(alias ?? onlyName(range.functions), undefined, certain)],
  }
}

/** The columns that are there for certain: of a scalar, `x.f` would be a call of `f`. */
function columnsOfFunctions(
  { functions, ordinality }: Readonly<Partial<Record<'functions' | 'ordinality', unknown>>>,
  alias: string | undefined,
): readonly string[] {
  const ordinals = ordinality === true ? ['ordinality'] : []
  const called = onlyName(functions)
  if (called === undefined) return ordinals
  return [...(setColumns.get(called) ?? [alias ?? called]), ...ordinals]
}

/** The name of the function, where there is one alone. */
function onlyName(functions: unknown): string | undefined {
  const [entry, ...others] = list(functions)
  const [call] = list(fields(only(entry, 'List'), ['items']).items)
  const [tag, body] = tagged(call)
  const isAlone = tag === 'FuncCall' && others.length === 0
  return isAlone ? name(list(body['funcname']).at(-1)) : undefined
}

/** JSON_TABLE in FROM. */
export function rangeJsonTable(body: Body, from: FromSite): FromPart {
  const leaf = addLeaf(from.site.translation, leafOf('opaque', from, body))
  const columns = jsonTable(body, { ...from.site, scope: scopeBeside(from), sites: leaf.sites })
  const { alias, names } = aliasOf(body['alias'])
  const positions = columns.map((column, i): Column => [names[i] ?? column, nothingKnown])
  return { tree: { kind: 'leaf', leaf }, items: [itemOf(alias, positions)] }
}
