import { fields, list, only, tagged, text } from '../parse/syntax-tree.ts'
import { unsupported } from '../parse/unprovable.ts'
import { append } from '../proof/append.ts'
import { spend } from '../proof/effort.ts'
import {
  type Column,
  type Leaf,
  nothingKnown,
  type Query,
  termOf,
  type Value,
} from '../proof/model.ts'
import type { Family } from '../schema/column-type.ts'
import { byName, type Item, itemOf, maybe, resolveItem, type Scope } from './namespace.ts'
import { constantsOf, type Place, type QuerySite, useAnyhow } from './translation.ts'
import { operand } from './walk.ts'

/** The columns that SELECT or RETURNING gives. */
export function translateOutputs(
  targets: unknown,
  place: Place,
  written?: QuerySite['written'],
): Query['outputs'] {
  const columns: Column[] = []
  let isComplete = true
  let isOpen = false
  for (const target of list(targets)) {
    const { name, val } = fields(only(target, 'ResTarget'), ['name', 'val'])
    const star = starItems(val, place)
    if (star === undefined) {
      const value = outputValue(val, place, written?.(columns.length))
      columns.push([name === undefined ? figureName(val) : text(name), value])
      continue
    }
    for (const item of star) {
      append(columns, starred(item))
      isComplete &&= item.positions !== undefined
      isOpen ||= item.open
    }
  }
  spend('columns', columns.length)
  return { positions: isComplete ? columns : undefined, named: byName(columns), open: isOpen }
}

function outputValue(val: unknown, place: Place, family: Family | undefined): Value {
  const value = operand(val, place)
  const isColumn = value.term !== undefined || value.found !== undefined
  if (family === undefined || isColumn) return useAnyhow(place.translation, value)
  return { constants: constantsOf(place.translation, value, family) }
}

/** The relations that a star stands for. */
function starItems(val: unknown, { scope }: Place): readonly Item[] | undefined {
  const [tag, body] = tagged(val)
  if (tag !== 'ColumnRef') return undefined
  const path = list(fields(body, ['fields']).fields)
  if (tagged(path.at(-1))[0] !== 'A_Star') return undefined
  const qualifiers = path.slice(0, -1).map((part) => text(only(part, 'String')['sval']))
  if (qualifiers.length === 0) return starOf(scope)
  return [resolveItem(scope, qualifiers).item]
}

/** What a star stands for, as far as that is known. */
function starred({ positions, known, unstarred }: Item): readonly Column[] {
  return positions ?? [...known].filter(([name]) => unstarred?.has(name) !== true)
}

/** After JOIN … USING a star has fewer columns, and in another order. */
function starOf({ items }: Scope): readonly Item[] {
  if (items.every((item) => item.merged.size === 0)) return items
  return items.map((item) => {
    const named = byName(starred(item))
    const known = new Map([...named].filter(([name]) => !item.merged.has(name)))
    return { ...item, positions: undefined, known }
  })
}

/** The name that PostgreSQL gives a column, `undefined` where we do not follow its rules. */
function figureName(node: unknown): string | undefined {
  const [tag, body] = tagged(node)
  if (tag === 'ColumnRef') return list(body['fields']).map(lastName).findLast(isName)
  if (tag === 'FuncCall') return lastName(list(body['funcname']).at(-1))
  if (tag === 'TypeCast') return figureName(body['arg'])
  if (tag === 'SubLink') return subLinkNames.get(body['subLinkType'])
  return wordNames.get(tag)
}

const subLinkNames: ReadonlyMap<unknown, string> = new Map([
  ['EXISTS_SUBLINK', 'exists'],
  ['ARRAY_SUBLINK', 'array'],
])
const wordNames: ReadonlyMap<string, string> = new Map([
  ['CoalesceExpr', 'coalesce'],
  ['A_ArrayExpr', 'array'],
  ['RowExpr', 'row'],
])

function isName(name: string | undefined): name is string {
  return name !== undefined
}

function lastName(node: unknown): string | undefined {
  const [tag, body] = tagged(node)
  return tag === 'String' ? text(body['sval'] ?? '') : undefined
}

/** The type of a column that a query gives, where it is one that we know. */
export function outputFamily(query: Query, key: string): Family | undefined {
  if (query.kind === 'set') {
    const [first, second] = query.arms.map((arm) => outputFamily(arm, key))
    return first === second ? first : undefined
  }
  const value = outputOf(query.outputs, key)
  const [first] = value?.constants ?? []
  const column = value?.term ?? value?.extreme
  return column?.family ?? (first?.kind === 'elements' ? undefined : first?.family)
}

/** A column by its key: `#2` for the third in order, else its name. */
export function outputOf(outputs: Query['outputs'], key: string): Value | undefined {
  if (key.startsWith('#')) return outputs.positions?.[Number(key.slice(1))]?.[1]
  return outputs.named.get(key)
}

/** A query in FROM as an item; its typed columns become terms of the leaf. */
export function derivedItem(
  leaf: Leaf,
  query: Query,
  { alias, names }: { readonly alias: string | undefined; readonly names: readonly string[] },
): Item {
  const { positions, named, open } = query.outputs
  if (positions === undefined) {
    // Nobody knows which of them the names are given to.
    const certain = names.length > 0 ? names.map((name): Column => [name, nothingKnown]) : undefined
    const own = [...named].map(
      ([name, value]): Column => [name, value === maybe ? maybe : column(leaf, query, name)],
    )
    return { ...itemOf(alias, undefined, byName(certain ?? own)), open }
  }
  spend('columns', positions.length)
  if (names.length > positions.length) throw unsupported('more column names than columns')
  return itemOf(
    alias,
    positions.map(([name], i): Column => [names[i] ?? name, column(leaf, query, `#${i}`)]),
  )
}

function column(leaf: Leaf, query: Query, key: string): Value {
  const family = outputFamily(query, key)
  return family === undefined ? nothingKnown : { term: termOf(leaf, key, family) }
}
