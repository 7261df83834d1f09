import type { CatalogueTable, ForeignKey } from './catalogue.ts'

/** The tables of a catalogue by `schema.name`, with what refers to each. */
export interface TableGraph {
  table(key: string): CatalogueTable | undefined
  /** A table, its partitions and their partitions. */
  family(key: string): readonly CatalogueTable[]
  /** The table that it is a partition or child of, up to the first of them. */
  root(key: string): string
  /** The tables that it directly is a partition or child of. */
  parents(key: string): readonly string[]
  /** The keys by which others refer to its rows, also as rows of what it is a partition of. */
  references(key: string): readonly Reference[]
}

export interface Reference {
  /** The key of the table that has the foreign key. */
  readonly from: string
  readonly foreignKey: ForeignKey
}

export function keyOf({ schema, name }: Pick<CatalogueTable, 'schema' | 'name'>): string {
  return `${schema}.${name}`
}

/** Whether a name has a dot behind its schema, and none elsewhere. */
export function isPlainName(name: string): boolean {
  return name.indexOf('.') === name.lastIndexOf('.')
}

export function graphOf(tables: readonly CatalogueTable[]): TableGraph {
  const byKey = new Map(tables.map((table) => [keyOf(table), table]))
  const parents = new Map<string, readonly string[]>()
  const references = new Map<string, Reference[]>()
  for (const table of tables) {
    for (const child of table.children) {
      parents.set(child, [...(parents.get(child) ?? []), keyOf(table)])
    }
    for (const foreignKey of table.foreignKeys) {
      const known = references.get(foreignKey.references)
      const reference = { from: keyOf(table), foreignKey }
      if (known === undefined) references.set(foreignKey.references, [reference])
      else known.push(reference)
    }
  }
  function family(key: string): readonly CatalogueTable[] {
    const table = byKey.get(key)
    if (table === undefined) return []
    return [table, ...table.children.flatMap(family)]
  }
  function root(key: string): string {
    const parent = parents.get(key)?.at(-1)
    return parent === undefined ? key : root(parent)
  }
  /** The tables that it is a partition of: its rows are theirs. */
  function wholes(part: string): readonly string[] {
    const above = (parents.get(part) ?? []).filter(
      (each) => byKey.get(each)?.kind === 'partitioned_table',
    )
    return [...above, ...above.flatMap(wholes)]
  }
  return {
    table: (key) => byKey.get(key),
    family,
    root,
    parents: (key) => parents.get(key) ?? [],
    references: (key) =>
      [...wholes(key), ...family(key).map(keyOf)].flatMap((each) => references.get(each) ?? []),
  }
}

/** What is found for the first item for which anything is. */
export function firstOf<Item, Found>(
  items: readonly Item[],
  find: (item: Item) => Found | undefined,
): Found | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
