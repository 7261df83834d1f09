import { unknownModel } from '@partywall/context/spi'
import { aCatalogue, aName } from '../expected.ts'
import { inCatalogue, inOptions } from '../guard/given.ts'
import { SqlGuardError } from '../guard/sql-guard-error.ts'
import type { Catalogue, CatalogueColumn, CatalogueTable } from './catalogue.ts'
import { ownerTypes } from './column-type.ts'
import { type DeclaredTable, global, ownedThrough, owner } from './declared-table.ts'
import type { ThroughKey } from './live-table.ts'
import { graphOf, keyOf, type TableGraph } from './table-graph.ts'
import { defineTenantSchema, type TenantSchema } from './tenant-schema.ts'
import { throughKey } from './through-keys.ts'

export interface DerivedSchemaOptions {
  /** The column that says whose a row is; it has this name in every table that has it. */
  readonly ownerColumn: string
}

/**
 * Declarations as a live database suggests them, for a first look: a table with the owner column is
 * owned by it, one that owner columns refer to (that of the tenants themselves) by the key that they
 * refer to, one whose rows always refer to owned rows is owned through those, and every other one is
 * everybody's to read. Only people know whether that is so.
 * @throws {@link SqlGuardError} `sql.schema` when no table has the owner column; `sql.catalogue` and
 * `sql.options` for what is neither.
 */
export function deriveTenantSchema(
  catalogue: Catalogue,
  options: DerivedSchemaOptions,
): TenantSchema {
  const { tables, defaultSchema } = derive(catalogue, options)
  return declared(tables, defaultSchema)
}

/** What a database suggests. */
export interface Derivation {
  readonly defaultSchema: string
  /** By the names that declarations give them. */
  readonly tables: ReadonlyMap<string, DeclaredTable>
  /** The owner columns as they are. */
  readonly owners: ReadonlyMap<string, CatalogueColumn>
  /** The tables that owner columns refer to. */
  readonly referred: ReadonlySet<string>
  /** Keys of tables owned through others that were left out: rows of their parents may be everybody's. */
  readonly leftOut: ReadonlyMap<string, readonly string[]>
  /** Tables whose names no declaration can have. */
  readonly undeclarable: readonly string[]
  /** Materialised views and foreign tables, by the names that declarations would give them. */
  readonly unprovable: ReadonlyMap<string, CatalogueTable>
}

type Tables = ReadonlyMap<string, DeclaredTable>

export function derive(catalogue: Catalogue, options: DerivedSchemaOptions): Derivation {
  inCatalogue.value('catalogue', catalogue, aCatalogue)
  inOptions.options<DerivedSchemaOptions>('options', options, { ownerColumn: aName })
  const { ownerColumn } = options
  const graph = graphOf(catalogue.tables)
  const defaultSchema = catalogue.searchPath[0] ?? 'public'
  const nameOf = (table: CatalogueTable): string =>
    table.schema === defaultSchema ? table.name : keyOf(table)
  const found = catalogue.tables.filter((table) => isTable(table, graph))
  const usable = found.filter((table) => isDeclarable(table))
  const owners = new Map(
    usable.flatMap((table) => {
      const column = table.columns.find(({ name }) => name === ownerColumn)
      return column === undefined ? [] : [[table, column] as const]
    }),
  )
  if (owners.size === 0) {
    throw new SqlGuardError('sql.schema', 'no table of the database has the owner column')
  }
  const own = new Set(owners.keys())
  // A map gives what is added while it is walked, too.
  for (const [table, { name }] of owners) {
    for (const [key, column] of referredTo(table, name, graph)) {
      const other = usable.find((each) => keyOf(each) === key)
      const found = other?.columns.find((each) => each.name === column)
      if (other !== undefined && found !== undefined && !owners.has(other)) owners.set(other, found)
    }
  }
  const tables = new Map<string, DeclaredTable>()
  for (const [table, { name, type }] of owners) {
    tables.set(nameOf(table), owner(name, { type: ownerTypes.find((each) => each === type) }))
  }
  const rest = usable.filter((table) => !owners.has(table))
  const leftOut = new Map<string, readonly string[]>()
  const sharing = new Set(
    [...owners].flatMap(([table, { notNull }]) => (notNull ? [] : keyOf(table))),
  )
  for (const [table, columns] of throughs(rest, graph, (through) =>
    declared(new Map([...tables, ...named(through, nameOf)]), defaultSchema),
  )) {
    const strict = columns.filter((column) => !refersTo(table, column, sharing))
    // Without any it would be everybody's.
    const kept = strict.length === 0 ? columns : strict
    tables.set(nameOf(table), ownedThrough(kept))
    leftOut.set(
      nameOf(table),
      columns.filter((column) => !kept.includes(column)),
    )
  }
  for (const table of rest) if (!tables.has(nameOf(table))) tables.set(nameOf(table), global())
  const undeclarable = found.filter((table) => !usable.includes(table)).map(keyOf)
  const others = catalogue.tables.filter((table) => isUnprovable(table) && !table.isChild)
  const referred = [...owners.keys()].filter((table) => !own.has(table)).map(nameOf)
  return {
    defaultSchema,
    tables,
    owners: new Map([...owners].map(([table, column]) => [nameOf(table), column])),
    referred: new Set(referred),
    leftOut,
    undeclarable,
    unprovable: new Map(others.filter(isDeclarable).map((table) => [nameOf(table), table])),
  }
}

function refersTo(
  { foreignKeys }: CatalogueTable,
  column: string,
  parents: ReadonlySet<string>,
): boolean {
  return foreignKeys.some(
    ({ columns, references }) =>
      columns.length === 1 && columns[0] === column && parents.has(references),
  )
}

function isUnprovable({ kind }: CatalogueTable): boolean {
  return kind === 'materialized_view' || kind === 'foreign_table'
}

/** What the foreign keys of an owner column refer to, as rows of what those are partitions of. */
function referredTo(
  table: CatalogueTable,
  ownerColumn: string,
  graph: TableGraph,
): readonly (readonly [key: string, column: string])[] {
  return graph.family(keyOf(table)).flatMap(({ foreignKeys }) =>
    foreignKeys.flatMap(({ columns, references, referencedColumns }) => {
      const column = referencedColumns[columns.indexOf(ownerColumn)]
      const root = graph.root(references)
      const isPart = graph.table(root)?.kind === 'partitioned_table'
      return column === undefined ? [] : [[isPart ? root : references, column] as const]
    }),
  )
}

/** Partitions are declared with what they are parts of. */
function isTable(table: CatalogueTable, graph: TableGraph): boolean {
  if (table.kind !== 'table' && table.kind !== 'partitioned_table') return false
  return !table.isChild || graph.table(graph.root(keyOf(table)))?.kind !== 'partitioned_table'
}

function isDeclarable({ schema, name }: CatalogueTable): boolean {
  return !name.includes('.') && !schema.includes('.') && name !== unknownModel
}

function declared(tables: Tables, defaultSchema: string): TenantSchema {
  const entries = Object.fromEntries(tables)
  return defineTenantSchema<Record<string, Record<string, unknown>>>(entries, { defaultSchema })
}

type Throughs = ReadonlyMap<CatalogueTable, readonly string[]>

function named(throughs: Throughs, nameOf: (table: CatalogueTable) => string): Tables {
  return new Map([...throughs].map(([table, columns]) => [nameOf(table), ownedThrough(columns)]))
}

/** The tables whose every row refers to rows that are somebody's, and by which columns. */
function throughs(
  tables: readonly CatalogueTable[],
  graph: TableGraph,
  declaredWith: (throughs: Throughs) => TenantSchema,
): Throughs {
  const first = new Map<CatalogueTable, readonly string[]>()
  let schema = declaredWith(first)
  for (let before = -1; before !== first.size; schema = declaredWith(first)) {
    before = first.size
    for (const table of tables) {
      const keys = first.has(table) ? [] : keysOf(table, graph, schema)
      if (keys.length > 0)
        first.set(
          table,
          keys.map(({ column }) => column),
        )
    }
  }
  const parents = new Map(tables.map((table) => [keyOf(table), keysOf(table, graph, schema)]))
  // Keys to tables of which it was not known yet count too, but for those that lead in a circle.
  return new Map(
    [...first].map(([table, known]) => {
      const own = keyOf(table)
      const all = (parents.get(own) ?? []).map(({ column, parent }) => ({ column, parent }))
      const kept = all.filter(
        ({ column, parent }) => known.includes(column) || !ancestors(parent, parents).has(own),
      )
      return [table, kept.map(({ column }) => column)]
    }),
  )
}

/** A table and all that its rows belong to. */
function ancestors(
  key: string,
  parents: ReadonlyMap<string, readonly ThroughKey[]>,
): ReadonlySet<string> {
  const found = new Set([key])
  // A set gives what is added while it is walked, too.
  for (const each of found) for (const { parent } of parents.get(each) ?? []) found.add(parent)
  return found
}

/** The keys by which every row of a table refers to one row that is somebody's. */
function keysOf(
  table: CatalogueTable,
  graph: TableGraph,
  known: TenantSchema,
): readonly ThroughKey[] {
  const columns = new Set(
    table.foreignKeys.flatMap(({ columns: own }) => (own.length === 1 ? own : [])),
  )
  return [...columns].flatMap((column) => {
    const key = throughKey(table, column, graph, (each) => known.relations.get(each))
    return typeof key === 'string' ? [] : [key]
  })
}
