import type { Finding } from '../row-security/finding.ts'
import type { Inspection } from '../row-security/inspection.ts'
import { qualified, quoted } from '../row-security/quoted.ts'
import type { TableIndex } from '../row-security/security-catalogue.ts'
import type { CatalogueTable } from '../schema/catalogue.ts'
import { keyOf } from '../schema/table-graph.ts'
import { withLeadingColumn } from './with-leading-column.ts'

/** Indexes in which the rows of a tenant do not stand together: each statement reads those of others. */
export function indexFindings(inspection: Inspection): readonly Finding[] {
  const { declared, graph, security } = inspection
  return [...declared.relations].flatMap(([key, relation]) => {
    const table = graph.table(key)
    if (table === undefined) return []
    const indexes = security(key)?.indexes ?? []
    if (relation.table.kind === 'owner') {
      const { column } = relation.table
      if (!table.columns.some(({ name }) => name === column)) return []
      return [
        ...unindexed(table, [column], indexes),
        ...indexes.flatMap((index) => elsewhereLed(table, index, column) ?? []),
      ]
    }
    return relation.table.kind === 'through'
      ? unindexed(table, relation.table.through, indexes)
      : []
  })
}

function unindexed(
  table: CatalogueTable,
  columns: readonly string[],
  indexes: readonly TableIndex[],
): readonly Finding[] {
  return columns
    .filter((column) => !indexes.some((index) => leads(index, column)))
    .map((column) => ({
      rule: 'owner-not-indexed',
      severity: 'MEDIUM',
      object: `${keyOf(table)} ${column}`,
      reason: `no index of ${keyOf(table)} begins with ${column}: every statement reads the rows of all tenants, and its time tells of them`,
      mend: [`CREATE INDEX ON ${qualified(table)} (${quoted(column)})`],
    }))
}

function leads({ keys, partial, valid, method }: TableIndex, column: string): boolean {
  return keys[0] === column && !partial && valid && (method === 'btree' || method === 'hash')
}

function elsewhereLed(
  table: CatalogueTable,
  index: TableIndex,
  column: string,
): Finding | undefined {
  // A unique one is there for what it forbids, and other methods have no order.
  if (index.unique || index.inherited || index.method !== 'btree' || index.keys[0] === column) {
    return undefined
  }
  return {
    rule: 'index-not-led-by-owner',
    severity: 'LOW',
    object: `${keyOf(table)} ${index.name}`,
    reason: `${index.name} of ${keyOf(table)} does not begin with ${column}`,
    mend: [
      `DROP INDEX ${quoted(table.schema)}.${quoted(index.name)}`,
      withLeadingColumn(table, index, column),
    ],
  }
}
