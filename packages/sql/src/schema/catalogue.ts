/** What is known of the tables, keys and code of one database: plain data, as `loadCatalogue` reads it. */
export interface Catalogue {
  /** As the server says it: `170002` is 17.2. */
  readonly serverVersion: number
  /** The schemas in which names without one are looked up, in order, `pg_catalog` left out. */
  readonly searchPath: readonly string[]
  readonly tables: readonly CatalogueTable[]
  /** Functions and operators outside of `pg_catalog` that a name without a schema can mean. */
  readonly routines: readonly CatalogueRoutine[]
  /**
   * The names by which casts can mean an enum: with its schema, and without it where the search path
   * finds it. Enums that a function of somebody's own converts are left out.
   */
  readonly enums: readonly string[]
  /** Where `transform_null_equals` is turned on. */
  readonly nullEquals: readonly NullEquals[]
}

/** Sessions that read `x = NULL` as `x IS NULL`. */
export interface NullEquals {
  /**
   * By ALTER ROLE or ALTER DATABASE for `sessions`; for all by the configuration of the `server`, on its
   * command line (`start`), or by the session that read the catalogue, which was told so when it
   * connected (`connection`) or later (`statement`).
   */
  readonly by: 'sessions' | 'server' | 'start' | 'connection' | 'statement'
  /** `null` is every role. */
  readonly role: string | null
  /** `null` is every database. */
  readonly database: string | null
}

export type TableKind =
  | 'table'
  | 'partitioned_table'
  | 'view'
  | 'materialized_view'
  | 'foreign_table'

export interface CatalogueTable {
  readonly schema: string
  readonly name: string
  readonly kind: TableKind
  /** In order. */
  readonly columns: readonly CatalogueColumn[]
  readonly uniques: readonly UniqueIndex[]
  readonly foreignKeys: readonly ForeignKey[]
  /** Names of rewrite rules, the one that makes a view left out. */
  readonly rules: readonly string[]
  /** Names of triggers of the user's own. */
  readonly triggers: readonly string[]
  /** What decides into which partition a row goes; `null` for an expression. */
  readonly partitionKey: readonly (string | null)[]
  /** `schema.name` of partitions and inheritance children. */
  readonly children: readonly string[]
  /** The query of a view. */
  readonly definition: string | null
  /** Whether it is a partition, or inherits from another table. */
  readonly isChild: boolean
}

export interface CatalogueColumn {
  readonly name: string
  /** The name of the type, with its schema where that is not `pg_catalog`. */
  readonly type: string
  /** Whether its collation, if any, calls only equal bytes equal. */
  readonly deterministic: boolean
  readonly notNull: boolean
  /** `default` may be overwritten by the statement, the others may not. */
  readonly generated: 'no' | 'stored' | 'virtual' | 'identity_always' | 'identity_default'
}

/** An index that ON CONFLICT can name: of a unique or an exclusion constraint, or without one. */
export interface UniqueIndex {
  readonly name: string
  /** The name of its constraint, where it belongs to one. */
  readonly constraint: string | null
  readonly kind: 'unique' | 'exclusion'
  /** Its key columns in order; `null` for an expression. Columns of INCLUDE are none. */
  readonly keys: readonly (IndexKey | null)[]
  readonly partial: boolean
  /** Holds for every row, at every moment: valid and not deferrable. */
  readonly holds: boolean
}

export interface IndexKey {
  readonly column: string
  /** Compared by the type's own equality, in the column's own collation. */
  readonly plain: boolean
}

export type ReferentialAction = 'no_action' | 'restrict' | 'cascade' | 'set_null' | 'set_default'

export interface ForeignKey {
  readonly name: string
  readonly columns: readonly string[]
  /** `schema.name`. */
  readonly references: string
  readonly referencedColumns: readonly string[]
  readonly onUpdate: ReferentialAction
  readonly onDelete: ReferentialAction
  /** The columns that ON DELETE SET NULL or SET DEFAULT changes. */
  readonly cleared: readonly string[]
  /** Holds for every row, at every moment: validated, enforced and not deferrable. */
  readonly holds: boolean
}

export interface CatalogueRoutine {
  readonly kind: 'function' | 'operator'
  readonly schema: string
  readonly name: string
  /** The extension that brought it, if any. */
  readonly extension: string | null
  readonly aggregate: boolean
}
