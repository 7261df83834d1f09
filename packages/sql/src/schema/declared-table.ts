import type { Severity } from '@partywall/context/spi'
import { aName, nameOrNames } from '../expected.ts'
import { inSchema } from '../guard/given.ts'
import type { OwnerType } from './column-type.ts'
import { globalOptions, ownerOptions, throughOptions } from './declaration-options.ts'
import type { TenantKey } from './tenant-schema.ts'

/** A table whose every row belongs to one tenant. Made by {@link owner}. */
export interface OwnerTable<Column extends string = string> {
  readonly kind: 'owner'
  readonly column: Column
  readonly model: string | undefined
  readonly severity: Severity
  readonly type: OwnerType
  readonly columns: readonly string[] | undefined
  readonly tenantKey: TenantKey | undefined
  readonly keyOracle: boolean
  readonly shared: 'null' | undefined
  readonly trusted: boolean
}

/**
 * A table without an owner column: each row belongs to whoever owns the row that it refers to, by
 * every one of these columns. Made by {@link ownedThrough}.
 */
export interface ThroughTable<Column extends string = string> {
  readonly kind: 'through'
  readonly through: readonly Column[]
  readonly model: string | undefined
  readonly severity: Severity
  readonly columns: readonly string[] | undefined
}

/** A table whose rows are everybody's. Made by {@link global}. */
export interface GlobalTable {
  readonly kind: 'global'
  readonly columns: readonly string[] | undefined
  readonly writable: boolean
  readonly trusted: boolean
}

/** Whose the rows of a table are. */
export type DeclaredTable = OwnerTable | ThroughTable | GlobalTable

export interface OwnerOptions {
  /** The name in flags, records and errors. @defaultValue the table's name */
  readonly model?: string | undefined
  /** @defaultValue `'HIGH'` */
  readonly severity?: Severity | undefined
  /** The type of the owner column in the database. @defaultValue `'text'` */
  readonly type?: OwnerType | undefined
  /** Every column of the table, in order: needed for column aliases and set operations over `*`. */
  readonly columns?: readonly string[] | undefined
  /** Overrides the schema's `tenantKey` for this table. */
  readonly tenantKey?: TenantKey | undefined
  /** `'null'`: rows without an owner are everybody's to read, and nobody's to write. */
  readonly shared?: 'null' | undefined
  /**
   * Whether a tenant may learn, by ON CONFLICT on a key without the owner, that another tenant has
   * it. Rows of others stay as they are all the same. Needs a catalogue. @defaultValue `false`
   */
  readonly keyOracle?: boolean | undefined
  /**
   * Whether you vouch for the rows of a materialised view or a foreign table: nobody can prove what is
   * in it. It can be read then, never written. @defaultValue `false`
   */
  readonly trusted?: boolean | undefined
}

export type ThroughOptions = Pick<OwnerOptions, 'model' | 'severity' | 'columns'>

export interface GlobalOptions {
  readonly columns?: readonly string[] | undefined
  /** Whether a tenant may write rows that all tenants read. @defaultValue `false` */
  readonly writable?: boolean | undefined
  /** As in {@link OwnerOptions}. @defaultValue `false` */
  readonly trusted?: boolean | undefined
}

/**
 * Declares that each row belongs to the tenant in `column`.
 * @throws SqlGuardError `sql.schema` for an option that is misspelt or does not fit
 */
export function owner<const Column extends string>(
  column: Column,
  options: OwnerOptions = {},
): OwnerTable<Column> {
  inSchema.value('column', column, aName)
  inSchema.options<OwnerOptions>('options of owner()', options, ownerOptions)
  const { model, severity = 'HIGH', type = 'text', columns, tenantKey } = options
  const { keyOracle = false, shared, trusted = false } = options
  return Object.freeze({
    kind: 'owner',
    column,
    model,
    severity,
    type,
    columns,
    tenantKey,
    keyOracle,
    shared,
    trusted,
  })
}

/**
 * Declares that each row belongs to the owner of the row that it refers to: `ownedThrough('order_id')`,
 * or both of a table that joins two. Which row that is, the foreign key says: it needs a catalogue.
 * @throws SqlGuardError `sql.schema` as {@link owner} does
 */
export function ownedThrough<const Column extends string>(
  through: Column | readonly Column[],
  options: ThroughOptions = {},
): ThroughTable<Column> {
  inSchema.value('through', through, nameOrNames)
  inSchema.options<ThroughOptions>('options of ownedThrough()', options, throughOptions)
  const { model, severity = 'HIGH', columns } = options
  const all = Object.freeze(typeof through === 'string' ? [through] : [...through])
  return Object.freeze({ kind: 'through', through: all, model, severity, columns })
}

/**
 * Declares that the rows are the same for all tenants.
 * @throws SqlGuardError `sql.schema` as {@link owner} does
 */
export function global(options: GlobalOptions = {}): GlobalTable {
  inSchema.options<GlobalOptions>('options of global()', options, globalOptions)
  const { columns, writable = false, trusted = false } = options
  return Object.freeze({ kind: 'global', columns, writable, trusted })
}
