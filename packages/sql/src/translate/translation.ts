import type { ViolationKind } from '@partywall/context/spi'
import type { Parsed } from '../parse/parse.ts'
import type { Body } from '../parse/syntax-tree.ts'
import { unsupported } from '../parse/unprovable.ts'
import { spend } from '../proof/effort.ts'
import type { Constant, Leaf, Query, Value } from '../proof/model.ts'
import { canonicalText, type Family } from '../schema/column-type.ts'
import type { StoredCode } from '../schema/stored-code.ts'
import type { TenantSchema } from '../schema/tenant-schema.ts'
import type { Resolved, Scope } from './namespace.ts'

/** Nothing that people or builders write comes near these; they bound the work of one proof. */
const maxLeaves = 200
const maxDepth = 500

/** The rules that call each other: an expression holds queries, and a query expressions. */
export interface Grammar {
  /** An expression whose place decides the type of a bare parameter. */
  readonly operand: (node: unknown, place: Place) => Value
  readonly query: (node: unknown, site: QuerySite) => Query
}

/** What the translation of one text has seen so far. */
export interface Translation {
  readonly grammar: Grammar
  readonly schema: TenantSchema
  /**
   * Of every parameter, as what it is used: another use can decide its type. Those that stand in one list
   * share their uses.
   */
  readonly parameters: Map<number, Set<string>>
  readonly leaves: Leaf[]
  /** What the columns of the tables that are written hold where nobody says, asked for by DEFAULT. */
  readonly defaults: StoredCode[]
  asksForDefaults: boolean
  /** Queries in conditions, by their syntax, of which only matters whether what they say is true. */
  readonly onlyTrue: WeakSet<Body>
  /** Rows of parameters that the first INSERT has beside those in its tree. */
  furtherRows: Parsed['furtherRows']
  depth: number
}

/** Where a statement or an expression stands, and how what is in it is reported. */
export interface Surroundings {
  readonly translation: Translation
  readonly ctes: CteScope | undefined
  /** The columns seen inside the aggregates that are open: they decide whose aggregate it is. */
  readonly seen: readonly Resolved[][]
  /** As what the server computes it by itself, where it does: it may do what no statement may. */
  readonly stored?: 'value' | 'condition'
  /** The action under which relations are reported. */
  readonly action: string
  /** How many queries it stands in. */
  readonly level: number
}

/** Where an expression stands. */
export interface Place extends Surroundings {
  readonly scope: Scope
  /** Where queries inside the expression are collected. */
  readonly sites: Query[]
}

/** Where a query stands. */
export interface QuerySite extends Surroundings {
  readonly parent: Scope | undefined
  /** How its first relation is reported. */
  readonly violation: ViolationKind
  /** For the query of an INSERT: the type that the column of this number is written to. */
  readonly written?: (position: number) => Family | undefined
}

/** A WITH query by its name, as an inner level sees it. */
export interface CteScope {
  readonly parent: CteScope | undefined
  readonly name: string
  /** The level of the query that WITH stands before. */
  readonly level: number
  /** A fresh instance for each reference. */
  readonly refer: (site: QuerySite) => CteReference
}

export interface CteReference {
  readonly query: Query
  /** Proved where it stands in WITH, not where it is mentioned: it writes, or it is this query. */
  readonly shared: boolean
  readonly aliases: readonly string[]
  /** Columns that SEARCH and CYCLE put after those of the query; nothing is known of them. */
  readonly added: readonly string[]
  /** Called with the reference of a recursive query to itself. */
  readonly bind?: (leaf: Leaf) => void
}

export function createTranslation(
  schema: TenantSchema,
  grammar: Grammar,
  furtherRows: Parsed['furtherRows'],
): Translation {
  return {
    grammar,
    schema,
    parameters: new Map(),
    leaves: [],
    defaults: [],
    asksForDefaults: false,
    onlyTrue: new WeakSet(),
    furtherRows,
    depth: 0,
  }
}

/** Keeps recursion within the stack. */
export function nested<Result>(translation: Translation, work: () => Result): Result {
  spend('nodes', 1)
  translation.depth += 1
  if (translation.depth > maxDepth) throw unsupported('too deep a nesting')
  try {
    return work()
  } finally {
    translation.depth -= 1
  }
}

export function addLeaf(translation: Translation, leaf: Leaf): Leaf {
  translation.leaves.push(leaf)
  if (translation.leaves.length > maxLeaves) throw unsupported('too many relations')
  return leaf
}

/** Notes that a parameter stands where its type may be any. */
export function useAnyhow(translation: Translation, value: Value): Value {
  useAs(translation, value, 'anything')
  return value
}

/** Notes as what a parameter is used that stands alone. */
export function useAs(translation: Translation, { parameter }: Value, as: string): void {
  if (parameter !== undefined) use(translation, parameter, as)
}

/** Notes that parameters stand in one list: what decides the type of one decides that of all. */
export function useTogether({ parameters }: Translation, values: readonly Value[]): void {
  const listed = new Set(
    values.flatMap(({ parameter = 0 }): Set<string> | [] => parameters.get(parameter) ?? []),
  )
  const [shared, ...others] = listed
  if (shared === undefined || others.length === 0) return
  spend('names', parameters.size)
  for (const uses of others) for (const as of uses) shared.add(as)
  for (const [index, uses] of parameters) if (listed.has(uses)) parameters.set(index, shared)
}

function use(translation: Translation, index: number, as: string): void {
  const uses = translation.parameters.get(index)
  if (uses === undefined) translation.parameters.set(index, new Set([as]))
  else uses.add(as)
}

/** What the tenant is compared with if `value` stands where `family` is expected. */
export function constantsOf(
  translation: Translation,
  value: Value,
  family: Family,
): readonly Constant[] | undefined {
  const { constants, parameter, literal } = value
  if (constants !== undefined) {
    // A list of them is no value of that type, though it is compared with one by ANY.
    const isValue = ({ kind, ...constant }: Constant): boolean =>
      kind !== 'elements' && constant.family === family
    return constants.every(isValue) ? constants : undefined
  }
  if (parameter !== undefined) {
    use(translation, parameter, family)
    return [{ kind: 'parameter', index: parameter, family }]
  }
  if (literal === undefined) return undefined
  if (!literal.quoted && family === 'text') return undefined
  const text = canonicalText(literal.text, family)
  return text === undefined ? undefined : [{ kind: 'literal', text, family }]
}

/** The same for an array: every element is compared with the tenant. */
export function elementsOf(
  translation: Translation,
  index: number,
  family: Family,
): readonly Constant[] {
  use(translation, index, `${family}[]`)
  return [{ kind: 'elements', index, family }]
}

/** Whether every use of the constant gives it the type under which it is compared. */
export function isAnchoring({ parameters }: Translation, constant: Constant): boolean {
  if (constant.kind === 'literal') return true
  // One of its uses is the one that made it a constant.
  const isAlike = (index: number): boolean => parameters.get(index)?.size === 1
  return isAlike(constant.index) && (constant.kind !== 'unnested' || constant.beside.every(isAlike))
}
