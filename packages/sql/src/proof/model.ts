import type { ViolationKind } from '@partywall/context/spi'
import type { Family } from '../schema/column-type.ts'
import type { ThroughKey } from '../schema/live-table.ts'
import type { Relation } from '../schema/tenant-schema.ts'

/** A column of one instance of a relation, with a type whose equality we know. */
export interface Term {
  readonly leaf: Leaf
  readonly column: string
  readonly family: Family
}

/** Something that the tenant is compared with when the statement is executed. */
export type Constant =
  | (Sent & { readonly kind: 'parameter' })
  | (Sent & { readonly kind: 'elements' })
  /** Those of an array in FROM: as many rows as it has, also none, and no fewer than any of these. */
  | (Sent & { readonly kind: 'unnested'; readonly beside: readonly number[] })
  | { readonly kind: 'literal'; readonly text: string; readonly family: Family }

/** Constants that must be keys of rows that are known to be the tenant's. */
export interface KeyNeed {
  /** `schema.table.column`. */
  readonly key: string
  readonly constants: readonly Constant[]
}

interface Sent {
  readonly index: number
  readonly family: Family
  /** Compared by IS NOT DISTINCT FROM: where it is NULL, so may be the other side. */
  readonly orNull?: true
}

/**
 * `left = right` by the built-in equality of one type, or `left` in the list. A column that equals
 * itself is not NULL; one that is in an empty list, or NULL, is NULL.
 */
export interface Equality {
  readonly left: Term
  readonly right: Term | readonly Constant[]
  /** Said by a query that found a row: it must not help to prove that query. */
  readonly saidBy?: Query
  /** Or `left` is NULL: a row that all tenants share. */
  readonly orNull?: true
  /** Or `left` is NULL, as long as nothing else equals it. */
  readonly unlessNull?: true
}

/** What is known of the value of an expression. */
export interface Value {
  readonly term?: Term
  /** Some value of this column, of rows that passed WHERE, or NULL: the least or the greatest. */
  readonly extreme?: Term | undefined
  readonly constants?: readonly Constant[] | undefined
  /** A bare parameter: its type comes from where it stands. */
  readonly parameter?: number
  /** A bare literal: likewise. */
  readonly literal?: Literal
  /** What holds wherever the expression is true. */
  readonly facts?: readonly Equality[]
  /** A scalar subquery: NULL, or the column of a row that the query found. */
  readonly found?: Found | undefined
}

/** A column of a row that a query gives. */
export interface Found {
  readonly query: Query
  /** Which of the query's columns it is. */
  readonly position: number
  readonly term: Term
  /** What holds where there is such a row. */
  readonly facts: readonly Equality[]
}

export interface Literal {
  readonly text: string
  readonly quoted: boolean
}

export const nothingKnown: Value = Object.freeze({})

/** One instance of a relation in FROM, or the target of a statement that writes. */
export interface Leaf {
  readonly kind: 'owner' | 'through' | 'global' | 'derived' | 'opaque'
  readonly relation?: Relation
  /** The typed columns, made once each: facts compare them by identity. */
  readonly terms: Map<string, Term>
  /** What is in it, for a derived one. */
  readonly query?: Query
  /** Proved elsewhere: it stands in WITH and writes, or it is the query around this reference. */
  readonly shared?: boolean
  /** The reference of a recursive query to itself. */
  readonly recursive?: boolean
  /** What is then assumed of its columns. */
  assumed?: ReadonlyMap<string, readonly Constant[]>
  /** What its columns hold by themselves, for a function. */
  given?: ReadonlyMap<string, readonly Constant[]>
  /** The target of a statement that writes: rows that tenants share are not among its own. */
  readonly target?: true
  /** Whether the query in it sees the relations beside it. */
  readonly lateral: boolean
  /** Queries in the arguments of a function in FROM. */
  readonly sites: Query[]
  readonly mention: Mention
}

/** How a relation is reported. */
export interface Mention {
  readonly violation: ViolationKind
  readonly action: string
  readonly location: number
}

export type JoinKind = 'inner' | 'left' | 'right' | 'full'

export type JoinTree =
  | { readonly kind: 'leaf'; readonly leaf: Leaf }
  | {
      readonly kind: JoinKind
      readonly left: JoinTree
      readonly right: JoinTree
      readonly on: readonly Equality[]
      readonly sites: readonly Query[]
    }

/** The columns that a query gives. */
export interface Outputs {
  /** In order; `undefined` where a star stands for columns that were not declared. */
  readonly positions: readonly Column[] | undefined
  /** By name, those of which something is known. */
  readonly named: ReadonlyMap<string, Value>
  /** Whether there are columns of a table that nobody listed. */
  readonly open: boolean
}

/** A column that a query gives; `undefined` where PostgreSQL makes up its name. */
export type Column = readonly [name: string | undefined, value: Value]

/** A query of which only matters whether some of its rows equal other columns. */
interface Compared {
  /** By the keys of its own columns. */
  compared?: ReadonlyMap<string, Term>
}

/** A SELECT, or the reading half of a statement that writes. */
export interface Block extends Compared {
  readonly kind: 'block'
  from: JoinTree | undefined
  readonly where: Equality[]
  /** Queries that are evaluated for rows which pass WHERE. */
  readonly rowSites: Query[]
  /** Queries in SELECT, HAVING, ORDER BY, RETURNING. */
  readonly outputSites: Query[]
  /** Queries that see no row of the block: LIMIT, VALUES, WITH. */
  readonly outerSites: Query[]
  outputs: Outputs
  /** Has an aggregate or HAVING: without GROUP BY it emits a row although WHERE is false. */
  aggregated: boolean
  grouped: readonly Value[] | undefined
  /** ROLLUP, CUBE, GROUPING SETS, (): grouping columns turn NULL. */
  groupingSets: boolean
  /** LIMIT, OFFSET, DISTINCT ON, locks: a filter above must not be moved below. */
  barrier: boolean
  readonly partitions: (readonly Value[])[]
  /** What the statement writes into owner columns. */
  readonly writes: Write[]
  /** DELETE: the rows that it gives are no more. */
  gone?: true
  /** INSERT: the rows that it gives were made by it, or met by its ON CONFLICT. */
  inserts?: true
}

/** A value that becomes the owner of a row, or `undefined` where nobody knows it. */
export interface Write {
  readonly target: Leaf
  readonly value: Value | undefined
  /** The key that is written instead, for a table that is owned through others. */
  readonly key?: ThroughKey | undefined
  /** The query whose column of this number is written. */
  readonly source?: readonly [query: Query, position: number]
  /** Why nobody knows it, where that is not plain. */
  readonly because?: string | undefined
}

export interface SetOperation extends Compared {
  readonly kind: 'set'
  readonly arms: readonly [Query, Query]
  readonly outerSites: Query[]
  /** The names come from the first arm. */
  readonly outputs: Outputs
  readonly barrier: boolean
  /** The reference to itself, for a recursive one. */
  self?: Leaf | undefined
}

export type Query = Block | SetOperation

export function emptyBlock(): Block {
  return {
    kind: 'block',
    from: undefined,
    where: [],
    rowSites: [],
    outputSites: [],
    outerSites: [],
    outputs: { positions: [], named: new Map(), open: false },
    aggregated: false,
    grouped: undefined,
    groupingSets: false,
    barrier: false,
    partitions: [],
    writes: [],
  }
}

/** The typed column of a leaf, the same object each time. */
export function termOf(leaf: Leaf, column: string, family: Family): Term {
  const known = leaf.terms.get(column)
  if (known !== undefined) return known
  const term = { leaf, column, family }
  leaf.terms.set(column, term)
  return term
}
