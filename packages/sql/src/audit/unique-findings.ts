import type { Finding, FindingSeverity } from '../row-security/finding.ts'
import type { Inspection } from '../row-security/inspection.ts'
import { qualified, quoted } from '../row-security/quoted.ts'
import type { TableIndex } from '../row-security/security-catalogue.ts'
import type { CatalogueTable } from '../schema/catalogue.ts'
import type { DeclaredTable } from '../schema/declared-table.ts'
import { keyOf, type Reference } from '../schema/table-graph.ts'
import { pairedKey, withoutKey } from './paired-key.ts'
import { withLeadingColumn } from './with-leading-column.ts'

/**
 * Unique keys without the owner column, or the column by which the table is owned: inserting a value
 * that another tenant has fails, and so tells of it. A key by which another table is owned must be like
 * that, and so must one for which the schema declares this oracle.
 */
export function uniqueFindings(inspection: Inspection): readonly Finding[] {
  const { declared, graph, security } = inspection
  return [...declared.relations].flatMap(([key, { table: declaredTable }]) => {
    const owners = ownersOf(declaredTable)
    const [owner] = owners
    if (owner === undefined) return []
    return graph.family(key).flatMap((table) => {
      const indexes = security(keyOf(table))?.indexes ?? []
      return indexes
        .filter((index) => index.unique && !index.inherited && !hasOwner(table, index, owners))
        .flatMap((index) => findingOf({ table, index, owner, inspection }) ?? [])
    })
  })
}

/** The columns each of which says whose a row is. */
function ownersOf(table: DeclaredTable): readonly string[] {
  if (table.kind === 'through') return table.through
  return table.kind === 'owner' && !table.keyOracle ? [table.column] : []
}

interface OpenKey {
  readonly table: CatalogueTable
  readonly index: TableIndex
  readonly owner: string
  readonly inspection: Inspection
}

function hasOwner(
  { uniques }: CatalogueTable,
  { name }: TableIndex,
  owners: readonly string[],
): boolean {
  const found = uniques.find((each) => each.name === name)
  return found?.keys.some((key) => key?.plain === true && owners.includes(key.column)) === true
}

function findingOf(open: OpenKey): Finding | undefined {
  const { table, index, inspection } = open
  const key = keyOf(table)
  const referring = inspection.graph
    .references(key)
    .filter((reference) => reliesOn(reference, open))
  if (referring.some((reference) => isOwnership(reference, inspection))) return undefined
  const says = `${index.name} of ${key} holds for all tenants together: a value that is taken tells one tenant of another`
  const common = {
    rule: 'unique-without-owner',
    severity: severityOf(open),
    object: `${key} ${index.name}`,
  } as const
  const nulls = nullOwners(open)
  const again = madeAgain(open, nulls.together === true)
  const obstacles = [
    ...index.neededBy.map((view) => `${view} needs it as it is`),
    ...(again === undefined ? [`${index.method} indexes have one column only`] : []),
    ...referring
      .filter((reference) => pairedKey(reference, inspection) === undefined)
      .map(({ from, foreignKey }) => `${foreignKey.name} of ${from} relies on it`),
    ...(nulls.obstacle === undefined ? [] : [nulls.obstacle]),
  ]
  // Nothing is taken away that would not come again.
  if (again === undefined || obstacles.length > 0) {
    return {
      ...common,
      reason: `${says}; before it can be mended: ${obstacles.join(', ')}`,
      mend: [],
    }
  }
  const mend = [
    ...referring.map((reference) => withoutKey(reference, inspection)),
    ...again,
    ...referring.flatMap((reference) => pairedKey(reference, inspection) ?? []),
  ]
  return { ...common, reason: nulls.first === undefined ? says : `${says}; ${nulls.first}`, mend }
}

/** NULLs of a key can be one value since then. */
const nullsTogetherSince = 150_000

/** What rows without an owner mean for a key that the owner is added to. */
function nullOwners({ table, index, owner, inspection }: OpenKey): {
  /** Why it cannot be. */
  readonly obstacle?: string
  /** What has to be done before. */
  readonly first?: string
  /** They are one value to it, and stay unique among themselves. */
  readonly together?: boolean
} {
  if (table.columns.find(({ name }) => name === owner)?.notNull !== false) return {}
  const declared = inspection.declaredAs(keyOf(table))?.table
  const isShared = declared?.kind === 'owner' && declared.shared !== undefined
  const isPrimary = index.constraint?.definition.startsWith('PRIMARY KEY ') === true
  if (!isShared) {
    return {
      first: `rows that have no ${owner} need one first: ${isPrimary ? 'a primary key takes no NULL' : 'it would not bind them'}`,
    }
  }
  if (isPrimary) {
    return {
      obstacle: `rows that all tenants share need an owner in ${owner}, since a primary key takes no NULL (or leave it as it is, where nobody chooses its values)`,
    }
  }
  const others = index.keys.map((key) => table.columns.find(({ name }) => name === key))
  const isPlain = index.constraint?.definition.startsWith('UNIQUE ') === true
  const isStrict = isPlain && others.every((column) => column?.notNull === true)
  if (isStrict && inspection.catalogue.serverVersion >= nullsTogetherSince) {
    return { together: true }
  }
  return {
    obstacle: `decide how rows that all tenants share stay unique, whose ${owner} is NULL: by NULLS NOT DISTINCT, or an index of their own`,
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

/** Methods of unique keys and exclusions that take several columns. */
const manyColumned = ['btree', 'gist']

/** The same key, within one tenant; `undefined` where its method takes no second column. */
function madeAgain(
  { table, index, owner }: OpenKey,
  nullsTogether: boolean,
): readonly string[] | undefined {
  const { constraint } = index
  if (!manyColumned.includes(index.method)) return undefined
  const name = qualified(table)
  if (constraint === null) {
    return [
      `DROP INDEX ${quoted(table.schema)}.${quoted(index.name)}`,
      withLeadingColumn(table, index, owner),
    ]
  }
  const isExclusion = constraint.definition.startsWith('EXCLUDE ')
  const column = isExclusion ? `${quoted(owner)} WITH =` : quoted(owner)
  const nulls = nullsTogether && !constraint.definition.startsWith('UNIQUE NULLS ')
  const head = `${nulls ? 'NULLS NOT DISTINCT ' : ''}(${column}, `
  const definition = constraint.definition.replace('(', () => head)
  const extension = index.method === 'gist' ? ['CREATE EXTENSION IF NOT EXISTS btree_gist'] : []
  return [
    ...extension,
    `ALTER TABLE ${name} DROP CONSTRAINT ${quoted(constraint.name)}`,
    `ALTER TABLE ${name} ADD CONSTRAINT ${quoted(constraint.name)} ${definition}`,
  ]
}
