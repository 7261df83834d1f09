import type { Finding } from '../row-security/finding.ts'
import type { Inspection } from '../row-security/inspection.ts'
import { qualified, quoted } from '../row-security/quoted.ts'
import type { CatalogueTable } from '../schema/catalogue.ts'
import type { OwnerTable } from '../schema/declared-table.ts'
import { firstOf, keyOf } from '../schema/table-graph.ts'
import type { TenantSchema } from '../schema/tenant-schema.ts'
import { isReached, withdrawn } from './reach.ts'

/** Tables that nobody declared, within reach of a role that serves tenants. */
export function undeclaredFindings(inspection: Inspection): readonly Finding[] {
  const owners = ownersOf(inspection.declared)
  return inspection.catalogue.tables.flatMap((table): readonly Finding[] => {
    const key = keyOf(table)
    const isView = table.kind === 'view' || table.kind === 'materialized_view'
    if (isView || inspection.declaredAs(key) !== undefined) return []
    if (!isReached(key, inspection)) return []
    const owner = owners.find(({ column }) => table.columns.some(({ name }) => name === column))
    const referred = keyOfOwners(key, inspection)
    if (owner !== undefined) {
      return [
        undeclared(table, `has the column ${owner.column}`, { column: owner.column, inspection }),
      ]
    }
    if (referred === undefined) return [withoutOwner(table, owners[0])]
    const says = `is what owner columns refer to, by its ${referred}`
    return [undeclared(table, says, { column: referred, inspection })]
  })
}

/** The column that owner columns refer to: that of the tenants themselves, or of what is theirs. */
export function keyOfOwners(
  key: string,
  { graph, declaredAs }: Pick<Inspection, 'graph' | 'declaredAs'>,
): string | undefined {
  return firstOf(graph.references(key), ({ from, foreignKey }) => {
    const table = declaredAs(from)?.table
    if (table?.kind !== 'owner') return undefined
    return foreignKey.referencedColumns[foreignKey.columns.indexOf(table.column)]
  })
}

function undeclared(
  table: CatalogueTable,
  says: string,
  { column, inspection }: { readonly column: string; readonly inspection: Inspection },
): Finding {
  const key = keyOf(table)
  return {
    rule: 'table-undeclared',
    severity: 'HIGH',
    object: key,
    reason: `${key} ${says}, and nobody declared it: declare it as owner('${column}'), or take it out of reach`,
    mend: withdrawn(key, inspection),
  }
}

function withoutOwner(table: CatalogueTable, owner: OwnerTable | undefined): Finding {
  const { column = 'tenant_id', type = 'text' } = owner ?? {}
  return {
    rule: 'table-without-owner',
    severity: 'HIGH',
    object: keyOf(table),
    reason: `${keyOf(table)} does not say whose its rows are: declare it as global() or ownedThrough(…), or give it an owner column and fill it`,
    mend: [`ALTER TABLE ${qualified(table)} ADD COLUMN ${quoted(column)} ${type}`],
  }
}

/** The owner columns that tables are declared with, the most frequent first. */
export function ownersOf(declared: TenantSchema): readonly OwnerTable[] {
  const counted = new Map<string, { readonly table: OwnerTable; count: number }>()
  for (const { table } of declared.relations.values()) {
    if (table.kind !== 'owner') continue
    const known = counted.get(table.column) ?? { table, count: 0 }
    known.count += 1
    counted.set(table.column, known)
  }
  return [...counted.values()].sort((a, b) => b.count - a.count).map(({ table }) => table)
}
