import { fields, list, only, tagged, text } from '../parse/syntax-tree.ts'
import { unsupported } from '../parse/unprovable.ts'
import {
  type Column,
  type Leaf,
  nothingKnown,
  type Query,
  termOf,
  type Value,
} from '../proof/model.ts'
import type { Family } from '../schema/column-type.ts'
import { byName, type Item, itemOf, type Scope } from './namespace.ts'
import { constantsOf, type Place, type QuerySite, useAnyhow } from './translation.ts'
import { operand } from './walk.ts'

/** The columns that SELECT or RETURNING gives. */
export function translateOutputs(
  targets: unknown,
  place: Place,
  written?: QuerySite['written'],
): Query['outputs'] {
  let columns: Column[] | undefined = []
  const known: Column[] = []
  for (const target of list(targets)) {
    const { name, val } = fields(only(target, 'ResTarget'), ['name', 'val'])
    const star = starItems(val, place)
    if (star === undefined) {
      const value = outputValue(val, place, columns && written?.(columns.length))
      const column: Column = [name === undefined ? figureName(val) : text(name), value]
      known.push(column)
      columns?.push(column)
      continue
    }
    for (const item of star) {
      known.push(...item.known)
      if (item.positions === undefined) columns = undefined
      else columns?.push(...item.positions)
    }
  }
  return { positions: columns, named: byName(columns ?? known) }
}

function outputValue(val: unknown, place: Place, family: Family | undefined): Value {
  const value = operand(val, place)
  const isColumn = value.term !== undefined || value.found !== undefined
  if (family === undefined || isColumn) return useAnyhow(place.translation, value)
  const constants = constantsOf(place.translation, value, family)
  return constants === undefined ? nothingKnown : { constants }
}

/** The relations that a star stands for. */
function starItems(val: unknown, { scope }: Place): readonly Item[] | undefined {
  const [tag, body] = tagged(val)
  if (tag !== 'ColumnRef') return undefined
  const path = list(fields(body, ['fields']).fields)
  if (tagged(path.at(-1))[0] !== 'A_Star') return undefined
  const qualifiers = path.slice(0, -1).map((part) => text(only(part, 'String')['sval']))
  if (qualifiers.length === 0) return starOf(scope)
  const [alias, schema] = [qualifiers.at(-1), qualifiers.at(-2)]
  for (let level: Scope | undefined = scope; level !== undefined; level = level.parent) {
    const found = level.items.filter(
      (item) => item.alias === alias && (schema === undefined || item.schema === schema),
    )
    if (found.length > 1) throw unsupported('two relations of one name')
    if (found.length === 1) return found
  }
  throw unsupported('a name that no relation has')
}

/** After JOIN … USING a star has fewer columns, and in another order. */
function starOf({ items }: Scope): readonly Item[] {
  if (items.every((item) => item.merged.size === 0)) return items
  return items.map((item) => {
    const known = new Map([...item.known].filter(([name]) => !item.merged.has(name)))
    return { ...item, positions: undefined, known }
  })
}

/** The name that PostgreSQL gives a column, `undefined` where we do not follow its rules. */
function figureName(node: unknown): string | undefined {
  const [tag, body] = tagged(node)
  if (tag === 'ColumnRef') return lastName(list(body['fields']).at(-1))
  if (tag === 'FuncCall') return lastName(list(body['funcname']).at(-1))
  if (tag === 'TypeCast') {
    const [inner] = tagged(body['arg'])
    return inner === 'ColumnRef' || inner === 'FuncCall' ? figureName(body['arg']) : undefined
  }
  return tag === 'CoalesceExpr' ? 'coalesce' : undefined
}

function lastName(node: unknown): string | undefined {
  const [tag, body] = tagged(node)
  return tag === 'String' ? text(body['sval'] ?? '') : undefined
}

/** The type of a column that a query gives, where it is one that we know. */
export function outputFamily(query: Query, key: string): Family | undefined {
  if (query.kind === 'set') {
    const [first, ...others] = query.arms.map((arm) => outputFamily(arm, key))
    return others.every((family) => family === first) ? first : undefined
  }
  const value = outputOf(query.outputs, key)
  return value?.term?.family ?? value?.constants?.[0]?.family
}

/** A column by its key: `#2` for the third in order, else its name. */
export function outputOf(outputs: Query['outputs'], key: string): Value | undefined {
  if (key.startsWith('#')) return outputs.positions?.[Number(key.slice(1))]?.[1]
  return outputs.positions === undefined ? outputs.named.get(key) : undefined
}

/** A query in FROM as an item; its typed columns become terms of the leaf. */
export function derivedItem(
  leaf: Leaf,
  query: Query,
  { alias, names }: { readonly alias: string | undefined; readonly names: readonly string[] },
): Item {
  const { positions, named } = query.outputs
  if (positions === undefined) {
    if (names.length > 0) throw unsupported('column names for columns that were not declared')
    const known = new Map([...named.keys()].map((name) => [name, column(leaf, query, name)]))
    return itemOf(alias, undefined, known)
  }
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
