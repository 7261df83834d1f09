import { qualified, quoted } from '../row-security/quoted.ts'
import type { TableIndex } from '../row-security/security-catalogue.ts'
import type { CatalogueTable } from '../schema/catalogue.ts'

/** The statement that makes an index, with one more column before the others. */
export function withLeadingColumn(
  definition: string,
  {
    table,
    index,
    column,
  }: { readonly table: CatalogueTable; readonly index: TableIndex; readonly column: string },
): string {
  const using = ` USING ${index.method} (`
  // What PostgreSQL printed: the names before it are put in by us.
  const rest = definition.slice(definition.indexOf(using) + using.length)
  const kind = index.unique ? 'UNIQUE INDEX' : 'INDEX'
  return `CREATE ${kind} ${quoted(index.name)} ON ${qualified(table)}${using}${quoted(column)}, ${rest}`
}
