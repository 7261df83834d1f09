import { qualified, quoted } from '../row-security/quoted.ts'
import type { TableIndex } from '../row-security/security-catalogue.ts'
import type { CatalogueTable } from '../schema/catalogue.ts'

/** A name as PostgreSQL prints it: anything may stand in quotes, USING and parentheses too. */
const name = '(?:"(?:[^"]|"")*"|[a-z_][a-z0-9_]*)'

/** What it prints of an index before the columns. */
const head = new RegExp(
  `^CREATE (?:UNIQUE )?INDEX ${name} ON (?:ONLY )?(?:${name}\\.)?${name} USING ${name} \\(`,
)

/** The statement that makes an index, with one more column before the others. */
export function withLeadingColumn(
  table: CatalogueTable,
  index: TableIndex,
  column: string,
): string {
  const rest = index.definition.replace(head, '')
  const kind = index.unique ? 'UNIQUE INDEX' : 'INDEX'
  return `CREATE ${kind} ${quoted(index.name)} ON ${qualified(table)} USING ${index.method} (${quoted(column)}, ${rest}`
}
