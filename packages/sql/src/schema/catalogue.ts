/** What is known of the tables, keys and code of one database: plain data, as `loadCatalogue` reads it. */
export interface Catalogue {
  /** As the server says it: `170002` is 17.2. */
  readonly serverVersion: number
  /** The schemas in which names without one are looked up, in order, `pg_catalog` left out. */
  readonly searchPath: readonly string[]
  /**
   * The setting and the role by which they were found, all schemas, and those of them that a role may
   * not use, which it does not find: other sessions must find the same. Catalogues that were kept may
   * lack it.
   */
  readonly pathSource?: {
    readonly text: string
    readonly user: string
    readonly schemas: readonly string[]
    readonly closed: readonly (readonly [schema: string, role: string])[]
  }
  /** Set where some of them stand before it: types and operators of theirs win over built-in ones. */
  readonly hidesBuiltins?: true
  readonly tables: readonly CatalogueTable[]
  /**
   * `schema.name` of what the search path finds under the name of one of them and is none: sequences,
   * views of the information schema. Catalogues that were kept may lack it.
   */
  readonly namesakes?: readonly string[]
  /**
   * Functions and operators outside of `pg_catalog`: those that a name without a schema can mean, and
   * all in the schemas of extensions.
   */
  readonly routines: readonly CatalogueRoutine[]
  readonly extensions: readonly CatalogueExtension[]
  /**
   * The names by which casts can mean an enum: with its schema, and without it where the search path
   * finds it.
   */
  readonly enums: readonly string[]
  readonly domains: readonly CatalogueDomain[]
  /** Casts that run a function, but for those of PostgreSQL itself and of extensions. */
  readonly casts: readonly CatalogueCast[]
  /** Where `transform_null_equals` is turned on. */
  readonly nullEquals: readonly NullEquals[]
  /** Other settings by which a text means something else. Catalogues that were kept may lack it. */
  readonly textSettings?: readonly TextSetting[]
}

/** A type whose values are those of another type that pass its checks. */
export interface CatalogueDomain {
  /** `schema.name`. */
  readonly name: string
  /** The names by which casts can mean it. */
  readonly names: readonly string[]
  /**
   * The types whose values can hold its values, at any depth, under names as columns have them: arrays,
   * rows, ranges and other domains.
   */
  readonly holders: readonly string[]
  /** The names by which calls can mean functions that take or give its values, by themselves or held. */
  readonly routines: readonly string[]
  /** Its default, as SQL. */
  readonly preset: string | null
  /** What its default runs of somebody's own. */
  readonly presetUses?: readonly UsedRoutine[] | null
  readonly checks: readonly NamedExpression[]
}

/** An extension that the database has. */
export interface CatalogueExtension {
  readonly name: string
  /** Where its functions are. */
  readonly schema: string
  /** The names by which casts can mean its types. */
  readonly types: readonly string[]
}

/** A cast `WITH FUNCTION`. */
export interface CatalogueCast {
  readonly from: string
  readonly to: string
  /** The name of its function, with its schema. */
  readonly function: string
  /** Whether the search path finds that function by its name alone. */
  readonly visible: boolean
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

/** Sessions that find the ends of strings elsewhere. */
export interface TextSetting extends NullEquals {
  /** `standard_conforming_strings` that is off, or a `client_encoding` other than UTF8. */
  readonly setting: 'standard_conforming_strings' | 'client_encoding'
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
  readonly checks: readonly NamedExpression[]
  /** Where row security is enabled. */
  readonly policies: readonly NamedExpression[]
  /** Names of triggers of the user's own. */
  readonly triggers: readonly string[]
  /** What decides into which partition a row goes; `null` for an expression. */
  readonly partitionKey: readonly (string | null)[]
  /** `schema.name` of partitions and inheritance children. */
  readonly children: readonly string[]
  /** The query of a view. */
  readonly definition: string | null
  /** What that query runs of somebody's own. */
  readonly uses?: readonly UsedRoutine[] | null
  /** Whether it is a partition, or inherits from another table. */
  readonly isChild: boolean
}

export interface CatalogueColumn {
  readonly name: string
  /** The name of the type, with its schema where that is not `pg_catalog`. */
  readonly type: string
  /** How many characters a `varchar(n)` holds: PostgreSQL drops blanks beyond. */
  readonly length?: number | null
  /** Whether its collation, if any, calls only equal bytes equal. */
  readonly deterministic: boolean
  /** Whether it is NULL in no row. */
  readonly notNull: boolean
  /** `default` may be overwritten by the statement, the others may not. */
  readonly generated: 'no' | 'stored' | 'virtual' | 'identity_always' | 'identity_default'
  /** Its default, or what it is generated by, as SQL. */
  readonly expression: string | null
  /** What that expression runs of somebody's own. */
  readonly uses?: readonly UsedRoutine[] | null
}

export interface NamedExpression {
  readonly name: string
  /** As SQL. */
  readonly expression: string
  /** What it runs of somebody's own. */
  readonly uses?: readonly UsedRoutine[] | null
}

/**
 * A function or an operator outside of `pg_catalog` that a view or an expression runs, whether its text
 * shows it or not. Catalogues that were kept may lack them.
 */
export interface UsedRoutine {
  readonly kind: 'function' | 'operator'
  readonly schema: string
  readonly name: string
  /** Whether the search path finds it. */
  readonly visible: boolean
  /** The extension that brought it, if any. */
  readonly extension: string | null
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
