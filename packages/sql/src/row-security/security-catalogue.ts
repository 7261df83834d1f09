import type { Catalogue, NamedExpression } from '../schema/catalogue.ts'

/** A catalogue with what decides who may do what: plain data, as `loadSecurityCatalogue` reads it. */
export interface SecurityCatalogue extends Catalogue {
  /** Its name. */
  readonly database: string
  /** All but the server's own. */
  readonly schemas: readonly OwnedSchema[]
  /** For each of `tables`, by the same schema and name. */
  readonly security: readonly TableSecurity[]
  readonly roles: readonly DatabaseRole[]
  /** Functions and procedures with the rights of their owner. */
  readonly definers: readonly DefinerRoutine[]
  /** Code in the search path under a name that `pg_catalog` has too. */
  readonly overloads: readonly Overload[]
  /** Settings that sessions of a role or a database begin with. */
  readonly sessionSettings: readonly SessionSetting[]
}

export interface OwnedSchema {
  readonly name: string
  readonly owner: string
}

export interface TableSecurity {
  readonly schema: string
  readonly name: string
  readonly owner: string
  /** Whether row-level security is enabled, and whether it holds for the owner too. */
  readonly enabled: boolean
  readonly forced: boolean
  readonly policies: readonly RowPolicy[]
  /** On the whole of it, or on any column, and what the server's own roles may do with everything. */
  readonly grants: readonly Grant[]
  /** For a view: whether it reads with the rights of whoever asks. */
  readonly invoker: boolean
  /** For a view: `schema.name` of the tables and views that it reads itself. */
  readonly reads: readonly string[]
  /** Columns whose NOT NULL was never checked against the rows that are there. */
  readonly unvalidated: readonly string[]
  /** Views, policies and other code that is made of its columns. */
  readonly columnUsers: readonly ColumnUser[]
  readonly indexes: readonly TableIndex[]
  readonly references: readonly TableReference[]
}

export interface ColumnUser {
  readonly column: string
  /** In the words of the server. */
  readonly user: string
}

export interface RowPolicy {
  readonly name: string
  readonly permissive: boolean
  readonly command: 'all' | 'select' | 'insert' | 'update' | 'delete'
  /** `public` is everybody. */
  readonly roles: readonly string[]
  readonly using: string | null
  readonly check: string | null
  /** What both run of somebody's own. */
  readonly uses?: NamedExpression['uses']
}

export interface Grant {
  /** `public` is everybody. */
  readonly grantee: string
  readonly privilege: string
}

export interface TableIndex {
  readonly name: string
  /** Its columns in order, those of INCLUDE left out; `null` for an expression. */
  readonly keys: readonly (string | null)[]
  readonly method: string
  /** Of a unique or exclusion constraint, or a plain unique index. */
  readonly unique: boolean
  readonly partial: boolean
  readonly valid: boolean
  /** The part of an index of the partitioned table above. */
  readonly inherited: boolean
  /** The statement that makes it again. */
  readonly definition: string
  /** The views that cannot be without its constraint, in the words of the server. */
  readonly neededBy: readonly string[]
  /** The constraint that it belongs to, as it would be added again. */
  readonly constraint: { readonly name: string; readonly definition: string } | null
}

/** What a catalogue does not say of the foreign key of this name. */
export interface TableReference {
  readonly name: string
  /** The index of the other table that it relies on. */
  readonly index: string
  readonly deferrable: boolean
  readonly deferred: boolean
  readonly validated: boolean
  /** Whether it is checked at all. */
  readonly enforced: boolean
  /** MATCH FULL: all of its columns are NULL, or none is. */
  readonly full: boolean
  /** Its last column is a PERIOD. */
  readonly period: boolean
  /** The part of a key of the partitioned table above. */
  readonly inherited: boolean
}

export interface DatabaseRole {
  readonly name: string
  /** The one that the cluster began with: it cannot be anything but a superuser. */
  readonly bootstrap: boolean
  readonly superuser: boolean
  readonly bypasses: boolean
  /** Whether it may have all that is written sent to it. */
  readonly replicates: boolean
  readonly login: boolean
  /** The roles that it is a member of directly; the owner of the database is of `pg_database_owner`. */
  readonly memberOf: readonly string[]
}

export interface DefinerRoutine {
  readonly schema: string
  readonly name: string
  /** As ALTER ROUTINE takes it, quoted. */
  readonly signature: string
  readonly owner: string
  /** Who may call it; `public` is everybody. A trigger is called by whoever writes. */
  readonly callers: readonly string[]
}

export interface Overload {
  readonly kind: 'function' | 'operator'
  readonly schema: string
  readonly name: string
  /** As ALTER ROUTINE or ALTER OPERATOR takes it, quoted. */
  readonly signature: string
  readonly extension: string | null
}

export interface SessionSetting {
  /** `null` for every role, or every database. */
  readonly role: string | null
  readonly database: string | null
  readonly name: string
}
