import type { Finding, FindingSeverity } from '../row-security/finding.ts'
import type { Inspection } from '../row-security/inspection.ts'
import { qualified, quoted } from '../row-security/quoted.ts'
import type { TableIndex } from '../row-security/security-catalogue.ts'
import type { CatalogueTable } from '../schema/catalogue.ts'
import { keyOf, type Reference } from '../schema/table-graph.ts'
import { pairedKey, withoutKey } from './paired-key.ts'
import { withLeadingColumn } from './with-leading-column.ts'

/**
 * Unique keys without the owner column: inserting a value that another tenant has fails, and so tells
 * of it. A key by which another table is owned must be like that, and so must one for which the
 * schema declares this oracle.
 */
export function uniqueFindings(inspection: Inspection): readonly Finding[] {
  const { declared, graph, security } = inspection
  return [...declared.relations].flatMap(([key, { table: declaredTable }]) => {
    if (declaredTable.kind !== 'owner' || declaredTable.keyOracle) return []
    const owner = declaredTable.column
    return graph.family(key).flatMap((table) => {
      const indexes = security(keyOf(table))?.indexes ?? []
      return indexes
        .filter((index) => index.unique && !index.inherited && !hasOwner(table, index, owner))
        .flatMap((index) => findingOf({ table, index, owner, inspection }) ?? [])
    })
  })
}

interface OpenKey {
  readonly table: CatalogueTable
  readonly index: TableIndex
  readonly owner: string
  readonly inspection: Inspection
}

function hasOwner({ uniques }: CatalogueTable, { name }: TableIndex, owner: string): boolean {
  const found = uniques.find((each) => each.name === name)
  return found?.keys.some((key) => key?.plain === true && key.column === owner) === true
}

function findingOf(open: OpenKey): Finding | undefined {
  const { table, index, owner, inspection } = open
  const key = keyOf(table)
  const referring = inspection.graph.referring(key).filter((reference) => reliesOn(reference, open))
  if (referring.some((reference) => isOwnership(reference, inspection))) return undefined
  return {
    rule: 'unique-without-owner',
    severity: severityOf(open),
    object: `${key} ${index.name}`,
    reason: `${index.name} of ${key} holds for all tenants together: a value that is taken tells one tenant of another`,
    mend: [
      ...referring.map((reference) => withoutKey(reference, inspection)),
      ...madeAgain(table, index, owner),
      ...referring.flatMap((reference) => pairedKey(reference, inspection) ?? []),
    ],
  }
}

/** Nobody guesses the values that the database makes up. */
function severityOf({ table, index }: OpenKey): FindingSeverity {
  const [name, ...others] = index.keys
  const column = table.columns.find((each) => each.name === name)
  const isMadeUp = column?.type === 'uuid' || column?.generated === 'identity_always'
  return others.length === 0 && isMadeUp ? 'LOW' : 'MEDIUM'
}

function reliesOn({ from, foreignKey }: Reference, { index, inspection }: OpenKey): boolean {
  const references = inspection.security(from)?.references ?? []
  return references.some(
    (each) => each.name === foreignKey.name && each.index === index.name && !each.inherited,
  )
}

function isOwnership({ from, foreignKey }: Reference, { declaredAs }: Inspection): boolean {
  const table = declaredAs(from)?.table
  const [column, ...others] = foreignKey.columns
  if (table?.kind !== 'through' || column === undefined || others.length > 0) return false
  return table.through.includes(column)
}

/** The same key, within one tenant. */
function madeAgain(table: CatalogueTable, index: TableIndex, owner: string): readonly string[] {
  const { constraint } = index
  const name = qualified(table)
  if (constraint === null) {
    return [
      `DROP INDEX ${quoted(table.schema)}.${quoted(index.name)}`,
      withLeadingColumn(index.definition, { table, index, column: owner }),
    ]
  }
  const isExclusion = constraint.definition.startsWith('EXCLUDE ')
  const column = isExclusion ? `${quoted(owner)} WITH =` : quoted(owner)
  const definition = constraint.definition.replace('(', () => `(${column}, `)
  const extension =
    isExclusion && index.method === 'gist' ? ['CREATE EXTENSION IF NOT EXISTS btree_gist'] : []
  return [
    ...extension,
    `ALTER TABLE ${name} DROP CONSTRAINT ${quoted(constraint.name)}`,
    `ALTER TABLE ${name} ADD CONSTRAINT ${quoted(constraint.name)} ${definition}`,
  ]
}
