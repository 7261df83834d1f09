import { unsupported } from '../parse/unprovable.ts'
import { spend } from '../proof/effort.ts'
import type { Block, Column, Leaf, Value } from '../proof/model.ts'
import { nothingKnown, termOf } from '../proof/model.ts'
import { familyOfCast } from '../schema/column-type.ts'

/** A relation under the name by which a query level knows it. */
export interface Item {
  readonly alias: string | undefined
  /** `schema.name`, for a table or view mentioned by its own name, with its schema or without. */
  readonly key?: string | undefined
  /** Every column in order; `undefined` where they were not declared. */
  readonly positions: readonly Column[] | undefined
  /** The columns that it has for certain, where they are not listed by position. */
  readonly known: ReadonlyMap<string, Value>
  /** Whether it has columns of a table that nobody listed. */
  readonly open: boolean
  /** The table itself, where it is known by the names that it has. */
  readonly leaf?: Leaf
  /** Columns that it has by name, but a star does not stand for. */
  readonly unstarred?: ReadonlySet<string>
  /** Columns that JOIN … USING has merged: only their qualified names are left. */
  readonly merged: ReadonlySet<string>
}

/** What one query level sees, and what its outer levels see. */
export interface Scope {
  readonly parent: Scope | undefined
  readonly items: readonly Item[]
  readonly block: Block
}

/** A column that was looked up, and the levels that it may belong to. */
export interface Resolved {
  readonly value: Value
  readonly levels: readonly Block[]
  /** Whether it belongs to the one level for certain. */
  readonly certain: boolean
}

const nothing: ReadonlySet<string> = new Set()
/** What is known of a column that may not even be there. */
export const maybe: Value = Object.freeze({})

const systemColumns = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'])

/** A table as an item: without a catalogue only the owner column has a type that we know. */
export function tableItem(leaf: Leaf, alias: string, key?: string): Item {
  const { relation } = leaf
  const known = new Map<string, Value>()
  const term = ownerTerm(leaf)
  if (term !== undefined) known.set(term.column, { term })
  for (const { name, type, deterministic } of relation?.live?.columns ?? []) {
    const family = deterministic ? familyOfCast(type) : undefined
    if (family !== undefined) known.set(name, { term: termOf(leaf, name, family) })
  }
  const columns = relation?.table.columns
  const positions = columns?.map((name): Column => [name, known.get(name) ?? nothingKnown])
  return { alias, key, positions, known, leaf, open: columns === undefined, merged: nothing }
}

/** The owner column of a leaf that has one. */
export function ownerTerm(leaf: Leaf): ReturnType<typeof termOf> | undefined {
  const table = leaf.relation?.table
  if (table?.kind !== 'owner') return undefined
  return termOf(leaf, table.column, table.type === 'varchar' ? 'text' : table.type)
}

/** Columns under names, those that occur twice known to be ambiguous. */
export function itemOf(
  alias: string | undefined,
  positions: readonly Column[] | undefined,
  known?: ReadonlyMap<string, Value>,
): Item {
  return { alias, positions, known: known ?? byName(positions ?? []), open: false, merged: nothing }
}

export function byName(columns: readonly Column[]): Map<string, Value> {
  const known = new Map<string, Value>()
  for (const [name, value] of columns) {
    if (name === undefined) continue
    const isFirst = (known.get(name) ?? maybe) === maybe
    known.set(name, isFirst ? value : nothingKnown)
  }
  return known
}

/** `undefined` where the item has no such column, `maybe` where its columns were not declared. */
function columnOf(item: Item, name: string): Value | undefined {
  const known = item.known.get(name)
  if (known !== undefined) return known
  if (item.positions === undefined) return maybe
  spend('names', item.positions.length)
  let found: Value | undefined
  for (const [column, value] of item.positions) {
    if (column === undefined) found ??= maybe
    else if (column === name) return value
  }
  return found
}

/** Looks `name` up as PostgreSQL does: the innermost level that has it. */
export function resolveColumn(scope: Scope, name: string): Resolved {
  refuseSystemColumn(name)
  const levels: Block[] = []
  for (let level: Scope | undefined = scope; level !== undefined; level = level.parent) {
    const found = lookUp(level.items, name)
    if (found === undefined) continue
    levels.push(level.block)
    if (found === maybe) continue
    return levels.length === 1
      ? { value: found, levels, certain: true }
      : { value: nothingKnown, levels, certain: false }
  }
  for (let level: Scope | undefined = scope; level !== undefined; level = level.parent) {
    if (level.items.some((item) => item.alias === name)) levels.push(level.block)
  }
  if (levels.length === 0) throw unsupported('a column that no relation is known to have')
  return { value: nothingKnown, levels, certain: false }
}

/** Looks up an unqualified name among the relations of one level. */
export function lookUp(items: readonly Item[], name: string): Value | undefined {
  spend('names', items.length)
  let found: Value | undefined
  for (const item of items) {
    if (item.merged.has(name)) continue
    const value = columnOf(item, name)
    if (value === undefined) continue
    if (value !== maybe && found !== undefined && found !== maybe) return nothingKnown
    if (found === undefined || found === maybe) found = value
  }
  return found
}

/** Looks `alias.name` up: the innermost level that knows the relation by this name. */
export function resolveQualified(scope: Scope, path: readonly string[], name: string): Resolved {
  refuseSystemColumn(name)
  const { item, level } = resolveItem(scope, path)
  const value = certainColumnOf(item, name)
  // What is no column would be a function of the row: `u.count` is count(u).
  if (value === undefined && (!item.open || takesRow(name))) {
    throw unsupported('a column that the relation is not known to have')
  }
  return { value: value ?? maybe, levels: [level], certain: true }
}

function certainColumnOf({ known, positions }: Item, name: string): Value | undefined {
  return known.get(name) ?? positions?.find(([column]) => column === name)?.[1]
}

/**
 * The relation of this name. With a schema it is the innermost mention of that very table under its own
 * name, however that mention is written.
 */
export function resolveItem(
  scope: Scope,
  path: readonly string[],
): { readonly item: Item; readonly level: Block } {
  const [alias, schema] = path.length === 2 ? [path[1], path[0]] : [path[0], undefined]
  if (path.length > 2) throw unsupported('a name with a database in it')
  for (let level: Scope | undefined = scope; level !== undefined; level = level.parent) {
    const found = level.items.filter(
      (item) => item.alias === alias && (schema === undefined || item.key === `${schema}.${alias}`),
    )
    if (found.length > 1) throw unsupported('two relations of one name')
    const [item] = found
    if (item !== undefined) return { item, level: level.block }
  }
  throw unsupported('a name that no relation has')
}

/** Aggregates that take a whole row: as a column of an undeclared table they would hide. */
const rowFunctions = new Set([
  'count',
  'min',
  'max',
  'any_value',
  'array_agg',
  'json_agg',
  'jsonb_agg',
  'json_agg_strict',
  'jsonb_agg_strict',
])

/** Whether a function of this name takes any row, and changes how many there are. */
export function takesRow(name: string): boolean {
  return rowFunctions.has(name)
}

function refuseSystemColumn(name: string): void {
  if (systemColumns.has(name)) throw unsupported('a system column')
}
