import type { CatalogueTable, ForeignKey } from './catalogue.ts'
import { familyOfCast } from './column-type.ts'
import type { ThroughKey } from './live-table.ts'
import { keyOf, type TableGraph } from './table-graph.ts'
import type { Relation } from './tenant-schema.ts'

/**
 * The keys by which the rows of a table belong to somebody, or what is wrong with them: each column
 * must hold exactly one parent's key in every row, at every moment.
 */
export function throughKeys(
  table: CatalogueTable,
  columns: readonly string[],
  graph: TableGraph,
  declared: (key: string) => Relation | undefined,
): { readonly keys: readonly ThroughKey[]; readonly problems: readonly string[] } {
  const keys: ThroughKey[] = []
  const problems: string[] = []
  for (const name of columns) {
    const found = throughKey(table, name, graph, declared)
    if (typeof found === 'string') problems.push(`${keyOf(table)}: ${found}`)
    else keys.push(found)
  }
  return { keys, problems }
}

/** The key of one column, or what is wrong with it. */
export function throughKey(
  table: CatalogueTable,
  name: string,
  graph: TableGraph,
  declared: (key: string) => Relation | undefined,
): ThroughKey | string {
  const column = table.columns.find((each) => each.name === name)
  if (column === undefined) return `no column ${name}`
  const family = familyOfCast(column.type)
  if (family === undefined || !column.deterministic) {
    return `${name} is of type ${column.type}; uuid, an integer or text is needed`
  }
  if (!column.notNull) return `${name} may be NULL; ALTER COLUMN ${name} SET NOT NULL`
  const alone = table.foreignKeys.filter(
    ({ columns, holds }) => holds && columns.length === 1 && columns[0] === name,
  )
  if (alone.length === 0) {
    return `${name} alone is no validated, enforced foreign key that is not deferrable`
  }
  const owned = alone.filter(
    ({ references }) => (declared(references)?.table.kind ?? 'global') !== 'global',
  )
  const [key, ...others] = owned
  const parent = key === undefined ? undefined : graph.table(key.references)
  const parentColumn = key?.referencedColumns[0]
  if (key === undefined || parent === undefined || parentColumn === undefined) {
    return `${name} refers to ${alone[0]?.references}, which is not declared as anybody's`
  }
  const isOther = ({ references, referencedColumns: [column] }: ForeignKey): boolean =>
    references !== key.references || column !== parentColumn
  if (others.some(isOther)) {
    return `${name} refers to several rows: nobody can say which of them owns it`
  }
  const other = parent.columns.find((each) => each.name === parentColumn)
  if (other === undefined || familyOfCast(other.type) !== family || !other.deterministic) {
    return `${name} and ${key.references}.${parentColumn} are of different types`
  }
  if (column.length && !(other.length && other.length <= column.length)) {
    return `${name} is shorter than ${key.references}.${parentColumn}, and blanks beyond it are dropped; ALTER COLUMN ${name} TYPE ${column.type}`
  }
  if (inherits(table) || inherits(parent)) {
    return `${name} or ${key.references} has children that the key does not bind`
  }
  return { column: name, family, parent: key.references, parentColumn }
}

/** Children of a plain table have rows that none of its keys binds; partitions are bound. */
function inherits({ kind, children, isChild }: CatalogueTable): boolean {
  return (kind === 'table' && children.length > 0) || (isChild && kind !== 'table')
}
