import type { CatalogueColumn, CatalogueTable, UniqueIndex } from './catalogue.ts'
import type { Family } from './column-type.ts'
import type { TableCode } from './stored-code.ts'

/** What a database says of a declared table. */
export interface LiveTable {
  /** `schema.name`. */
  readonly key: string
  readonly columns: readonly CatalogueColumn[]
  /** Whether it is a table of this database: no materialised view, and none of another server. */
  readonly isStored: boolean
  /** Whether all its rows are stored in it, and none in a partition or child. */
  readonly isPlain: boolean
  /** Its own and those of its partitions: each of them can stop a row. */
  readonly uniques: readonly UniqueIndex[]
  /** Columns each of which alone tells which row it is, at every moment. */
  readonly rowKeys: readonly Pick<ThroughKey, 'column' | 'family'>[]
  /** Rewrite rules: what they put in the place of a statement is not seen. */
  readonly rules: readonly string[]
  /** For a table that is owned through others: by which keys. */
  readonly through: readonly ThroughKey[]
  readonly code: TableCode
  /** What to do to other tables when rows of this one go, or change these columns. */
  readonly effects: ReferentialEffects
}

/** A view, which is proved as if its query stood in its place. */
export interface LiveView {
  /** `schema.name`. */
  readonly key: string
  readonly definition: string
  /** What the query runs of somebody's own. */
  readonly uses: CatalogueTable['uses']
  readonly columns: readonly string[]
}

/** A column that always holds the key of one row of another declared table. */
export interface ThroughKey {
  readonly column: string
  readonly family: Family
  /** `schema.name`. */
  readonly parent: string
  readonly parentColumn: string
  /** The row must be one that the statement reads, not one that it writes. */
  readonly read?: true
}

/** The first foreign key whose action would reach rows of other tenants, told as a sentence. */
export interface ReferentialEffects {
  onDelete(): string | undefined
  onUpdate(columns: readonly string[]): string | undefined
}
