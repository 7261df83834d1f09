import type { Catalogue, CatalogueColumn, CatalogueDomain, CatalogueTable } from './catalogue.ts'
import { keyOf, type TableGraph } from './table-graph.ts'

/** An expression that the server computes by itself, whatever the statement says. */
export interface StoredCode {
  readonly kind: 'default' | 'generated' | 'check' | 'policy' | 'domain_default' | 'domain_check'
  /** `schema.name` of the table or the domain. */
  readonly of: string
  /** The name of the column, the check or the policy; none for the default of a domain. */
  readonly name: string
  /** As SQL. */
  readonly expression: string
  /** What it runs of somebody's own. */
  readonly uses?: CatalogueColumn['uses']
}

/** What it is, as words. */
export function nameOfCode({ kind, of, name }: StoredCode): string {
  switch (kind) {
    case 'default':
      return `the default of ${of}.${name}`
    case 'generated':
      return `the generated column ${of}.${name}`
    case 'check':
    case 'policy':
      return `the ${kind} ${name} of ${of}`
    case 'domain_default':
    case 'domain_check':
      return `the domain ${of}`
  }
}

/** What the server computes by itself where a table is read or written. */
export interface TableCode {
  /** Columns that are computed when they are read, checks of the domains that its columns hold, planned checks. */
  readonly read: readonly StoredCode[]
  /** With each read and each write. */
  readonly policies: readonly StoredCode[]
  /**
   * For each row that is inserted or changed: generated columns, checks, checks of domains; and what is
   * computed where the tables to which it refers are read.
   */
  readonly write: readonly StoredCode[]
  /** The same in tables whose rows refer to those of this one, and may change when one goes or changes its key. */
  readonly reached: readonly StoredCode[]
  /** By column. */
  readonly defaults: ReadonlyMap<string, readonly StoredCode[]>
}

/** What the code of a database is gathered from. */
export interface CodeSource {
  readonly graph: TableGraph
  /** The code of a type, by the name that columns have it under. */
  readonly ofType: (type: string) => readonly StoredCode[]
}

/** Gathers what the server computes for a table, its partitions and what follows its keys. */
export function tableCode(key: string, source: CodeSource): TableCode {
  const { graph } = source
  const family = graph.family(key)
  return {
    read: distinct(family.flatMap((table) => readCode(table, source))),
    policies: distinct(
      (graph.table(key)?.policies ?? []).map((each) => ({ kind: 'policy', of: key, ...each })),
    ),
    write: distinct(family.flatMap((table) => writeCode(table, source))),
    reached: distinct(reachedCode(key, source)),
    defaults: new Map(
      (graph.table(key)?.columns ?? []).map((column) => [column.name, defaultOf(key, column)]),
    ),
  }
}

/**
 * A constant beside a column, an array of it or the whole row is taken for a value of that type: its
 * checks are run then, though nothing is written.
 */
function readCode(table: CatalogueTable, { ofType }: CodeSource): readonly StoredCode[] {
  const checks = table.columns
    .flatMap(({ type }) => ofType(type))
    .filter(({ kind }) => kind === 'domain_check')
  return [...generated(table, 'virtual'), ...checks, ...plannedCode(table)]
}

/**
 * To leave out tables that have no such rows the planner looks at their checks, and computes what is
 * immutable in them, or says so. PostgreSQL's own functions are what they say; a catalogue that was kept
 * may not tell them from others.
 */
function plannedCode(table: CatalogueTable): readonly StoredCode[] {
  return checksOf(table).filter(({ uses }) => uses !== null)
}

function checksOf(table: CatalogueTable): readonly StoredCode[] {
  const of = keyOf(table)
  return table.checks.map((check): StoredCode => ({ kind: 'check', of, ...check }))
}

function writeCode(table: CatalogueTable, { graph, ofType }: CodeSource): readonly StoredCode[] {
  return [
    ...generated(table, 'stored'),
    ...checksOf(table),
    ...table.foreignKeys.flatMap(({ references }) => graph.family(references).flatMap(plannedCode)),
    ...table.columns.flatMap(({ type }) => ofType(type)),
  ]
}

function generated(table: CatalogueTable, how: 'stored' | 'virtual'): readonly StoredCode[] {
  return table.columns.flatMap(({ name, generated: is, expression, uses }) =>
    is === how && expression !== null
      ? [{ kind: 'generated', of: keyOf(table), name, expression, uses }]
      : [],
  )
}

/** Defaults of domains are among the code of every write. */
function defaultOf(of: string, { name, expression, uses }: CatalogueColumn): readonly StoredCode[] {
  return expression === null ? [] : [{ kind: 'default', of, name, expression, uses }]
}

/** The tables that refer to its rows are read; every key whose action changes or deletes is followed. */
function reachedCode(from: string, source: CodeSource): readonly StoredCode[] {
  const { graph } = source
  const seen = new Set<string>()
  const found: StoredCode[] = []
  const follow = (key: string): void => {
    if (seen.has(key)) return
    seen.add(key)
    for (const { from: child, foreignKey } of graph.references(key)) {
      found.push(...graph.family(child).flatMap(plannedCode))
      const { onDelete, onUpdate, columns } = foreignKey
      const actions = [onDelete, onUpdate]
      const changes = onUpdate === 'cascade' || actions.some((action) => action.startsWith('set_'))
      if (changes) found.push(...graph.family(child).flatMap((table) => writeCode(table, source)))
      if (actions.includes('set_default')) {
        const set = graph.table(child)?.columns.filter(({ name }) => columns.includes(name)) ?? []
        found.push(...set.flatMap((column) => defaultOf(child, column)))
      }
      if (changes || onDelete === 'cascade') follow(child)
    }
  }
  follow(from)
  return found
}

/** The code of a type: that of the domains which it is or holds. */
export function typeCode({ domains }: Pick<Catalogue, 'domains'>): CodeSource['ofType'] {
  return codeBy(domains, ({ name, holders }) => [name, ...holders])
}

/** The code around a function: that of the domains which it takes or gives, or which those hold. */
export function routineCode({ domains }: Pick<Catalogue, 'domains'>): CodeSource['ofType'] {
  return codeBy(domains, ({ routines }) => routines)
}

function codeBy(
  domains: readonly CatalogueDomain[],
  namesOf: (domain: CatalogueDomain) => readonly string[],
): (name: string) => readonly StoredCode[] {
  const byName = new Map<string, StoredCode[]>()
  for (const domain of domains) {
    for (const name of namesOf(domain)) {
      byName.set(name, [...(byName.get(name) ?? []), ...ofDomain(domain)])
    }
  }
  return (name) => byName.get(name) ?? []
}

function ofDomain({
  name: of,
  preset,
  presetUses,
  checks,
}: CatalogueDomain): readonly StoredCode[] {
  const codes = checks.map((check): StoredCode => ({ kind: 'domain_check', of, ...check }))
  if (preset === null) return codes
  return [{ kind: 'domain_default', of, name: '', expression: preset, uses: presetUses }, ...codes]
}

/** A partition has the checks of its table; each is looked at once, also by what its text hides. */
function distinct(codes: readonly StoredCode[]): readonly StoredCode[] {
  const seen = new Map<string, StoredCode>()
  for (const code of codes) {
    const is = JSON.stringify([code.expression, code.uses])
    if (!seen.has(is)) seen.set(is, code)
  }
  return [...seen.values()]
}
