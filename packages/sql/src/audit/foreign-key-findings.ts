import type { Finding } from '../row-security/finding.ts'
import type { Inspection } from '../row-security/inspection.ts'
import { listed, qualified } from '../row-security/quoted.ts'
import type { ForeignKey } from '../schema/catalogue.ts'
import type { DeclaredTable } from '../schema/declared-table.ts'
import { keyOf, type Reference } from '../schema/table-graph.ts'
import { bare, pairedKey, withoutKey } from './paired-key.ts'

/**
 * Foreign keys that do not compare owners: policies do not hold for their checks and actions. One that
 * is there tells that another tenant's row is, and CASCADE changes rows of others.
 */
export function foreignKeyFindings(inspection: Inspection): readonly Finding[] {
  const { catalogue, security } = inspection
  return catalogue.tables.flatMap((table) => {
    const from = keyOf(table)
    const inherited = new Set(
      security(from)?.references.flatMap((each) => (each.inherited ? [each.name] : [])),
    )
    return table.foreignKeys
      .filter(({ name }) => !inherited.has(name))
      .flatMap((foreignKey) => findingOf({ from, foreignKey }, inspection) ?? [])
  })
}

function findingOf(reference: Reference, inspection: Inspection): Finding | undefined {
  const { from, foreignKey } = reference
  const own = inspection.declaredAs(from)?.table
  const other = inspection.declaredAs(foreignKey.references)?.table
  if (own === undefined || other === undefined) return undefined
  const isOpen =
    other.kind === 'global' ? reachesAll(own, other, foreignKey) : !isPaired(own, other, foreignKey)
  if (!isOpen) return undefined
  const acts = isActing(foreignKey.onDelete) || isActing(foreignKey.onUpdate)
  const says = `${foreignKey.name} of ${from} refers to ${foreignKey.references}, whoever owns the row: `
  const harm = acts
    ? 'what is done there changes rows of others here'
    : 'that it can be referred to tells that it is there'
  const obstacle = obstacleOf(reference, inspection)
  return {
    rule: 'foreign-key-without-owner',
    severity: acts ? 'HIGH' : 'MEDIUM',
    object: `${from} ${foreignKey.name}`,
    reason: obstacle === undefined ? `${says}${harm}` : `${says}${harm}; ${obstacle}`,
    mend: obstacle === undefined ? mendOf(reference, inspection) : [],
  }
}

/** Why a key is not taken away by us, although it cannot be made again with the owners in it. */
function obstacleOf({ from, foreignKey }: Reference, inspection: Inspection): string | undefined {
  const { references, onDelete, onUpdate } = foreignKey
  const [own, other] = [
    inspection.declaredAs(from)?.table,
    inspection.declaredAs(references)?.table,
  ]
  const details = inspection.security(from)?.references.find(({ name }) => name === foreignKey.name)
  if (details?.period === true) return 'it is over a period: make it again by hand, with the owners'
  const hasOwner = other?.kind === 'owner' && other.shared === undefined
  if (own?.kind !== 'owner' || hasOwner || isActing(onDelete) || isActing(onUpdate))
    return undefined
  return `give ${references} an owner column that is never NULL and compare that, or take the key away`
}

function isActing(action: ForeignKey['onDelete']): boolean {
  return action !== 'no_action' && action !== 'restrict'
}

/** Whether a row that any tenant may change takes rows of all of them with it. */
function reachesAll(own: DeclaredTable, other: DeclaredTable, foreignKey: ForeignKey): boolean {
  const { onDelete, onUpdate } = foreignKey
  const isWritten = other.kind === 'global' && other.writable && own.kind !== 'global'
  return isWritten && (isActing(onDelete) || isActing(onUpdate))
}

function isPaired(own: DeclaredTable, other: DeclaredTable, foreignKey: ForeignKey): boolean {
  const { columns, referencedColumns, onDelete, onUpdate } = foreignKey
  if (own.kind === 'through') {
    const [column, ...others] = columns
    return others.length === 0 && column !== undefined && own.through.includes(column)
  }
  if (own.kind !== 'owner') return false
  // Rows that are owned through others, or that all share, have no owner to compare with.
  if (other.kind !== 'owner' || other.shared !== undefined) return false
  const position = columns.indexOf(own.column)
  const empties = foreignKey.cleared.includes(own.column) && /^set_/.test(onDelete)
  return (
    position >= 0 &&
    referencedColumns[position] === other.column &&
    !empties &&
    !/^set_/.test(onUpdate)
  )
}

function mendOf(reference: Reference, inspection: Inspection): readonly string[] {
  const added = pairedKey(reference, inspection)
  if (added !== undefined)
    return [withoutKey(reference, inspection), ...keyToReferTo(reference, inspection), ...added]
  return [withoutKey(reference, inspection)]
}

/** A foreign key needs a unique key of exactly its columns. */
function keyToReferTo({ from, foreignKey }: Reference, inspection: Inspection): readonly string[] {
  const { graph, declaredAs } = inspection
  const parent = graph.table(foreignKey.references)
  const [own, other] = [declaredAs(from)?.table, declaredAs(foreignKey.references)?.table]
  if (parent === undefined || own?.kind !== 'owner' || other?.kind !== 'owner') return []
  const { referencedColumns } = bare(foreignKey, own.column, other.column)
  const wanted = new Set([other.column, ...referencedColumns])
  const isThere = parent.uniques.some(
    ({ keys, kind, partial }) =>
      kind === 'unique' &&
      !partial &&
      keys.length === wanted.size &&
      keys.every((key) => key !== null && wanted.has(key.column)),
  )
  return isThere ? [] : [`ALTER TABLE ${qualified(parent)} ADD UNIQUE (${listed([...wanted])})`]
}
