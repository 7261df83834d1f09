import { type Body, bodyOf, fields, list, name, only, tagged, text } from '../parse/syntax-tree.ts'
import { unsupported } from '../parse/unprovable.ts'
import { spend } from '../proof/effort.ts'
import { emptyBlock, type Leaf, type Query } from '../proof/model.ts'
import { combine } from './set-operation.ts'
import type { CteReference, CteScope, Place, QuerySite } from './translation.ts'
import { expression } from './walk.ts'

/** The queries of WITH, as the statement under it sees them. */
export interface WithQueries {
  readonly scope: CteScope | undefined
  /** What nothing has referred to, and what writes: call it when the statement was translated. */
  readonly unreferenced: () => readonly Query[]
}

/** WITH: each reference to a query that reads is an instance of its own, as if it stood there. */
export function translateWith(clause: unknown, site: QuerySite): WithQueries {
  if (clause === undefined) return { scope: site.ctes, unreferenced: () => [] }
  const { ctes, recursive } = fields(bodyOf(clause), ['ctes', 'recursive'])
  const definitions = list(ctes).map((cte) => definitionOf(only(cte, 'CommonTableExpr'), site))
  const finish: (() => readonly Query[])[] = []
  let scope = site.ctes
  definitions.forEach((definition, i) => {
    const later = recursive === true ? definitions.slice(i) : []
    const inside = { ...site, ctes: hide(scope, later, site.level), parent: site.parent }
    const entry = entryOf(definition, inside, recursive === true)
    finish.push(entry.finish)
    scope = { parent: scope, name: definition.name, level: site.level, refer: entry.refer }
  })
  return { scope, unreferenced: () => finish.flatMap((each) => each()) }
}

interface Definition {
  readonly name: string
  readonly aliases: readonly string[]
  /** Columns that SEARCH and CYCLE add. */
  readonly added: readonly string[]
  readonly query: unknown
}

function definitionOf(body: Body, site: QuerySite): Definition {
  const cte = fields(body, [
    'ctename',
    'aliascolnames',
    'ctematerialized',
    'ctequery',
    'search_clause',
    'cycle_clause',
  ])
  return {
    name: text(cte.ctename),
    aliases: list(cte.aliascolnames).map(name),
    added: [...searchColumns(cte.search_clause), ...cycleColumns(cte.cycle_clause, site)],
    query: cte.ctequery,
  }
}

function searchColumns(clause: unknown): readonly string[] {
  if (clause === undefined) return []
  const { search_seq_column: sequence } = fields(bodyOf(clause), [
    'search_col_list',
    'search_breadth_first',
    'search_seq_column',
  ])
  return [text(sequence)]
}

function cycleColumns(clause: unknown, site: QuerySite): readonly string[] {
  if (clause === undefined) return []
  const cycle = fields(bodyOf(clause), [
    'cycle_col_list',
    'cycle_mark_column',
    'cycle_mark_value',
    'cycle_mark_default',
    'cycle_path_column',
  ])
  // Constants, by the grammar; a type of somebody's own may run code.
  const scope = { parent: undefined, items: [], block: emptyBlock() }
  const place: Place = { ...site, scope, sites: [] }
  for (const value of [cycle.cycle_mark_value, cycle.cycle_mark_default]) expression(value, place)
  return [text(cycle.cycle_mark_column), text(cycle.cycle_path_column)]
}

/** Within WITH RECURSIVE a name means the query, not a table, also before it is defined. */
function hide(
  scope: CteScope | undefined,
  later: readonly Definition[],
  level: number,
): CteScope | undefined {
  spend('nodes', later.length)
  return later.reduce<CteScope | undefined>(
    (parent, definition) => ({
      parent,
      name: definition.name,
      level,
      refer: () => {
        throw unsupported('a reference to a later query of WITH RECURSIVE')
      },
    }),
    scope,
  )
}

interface Entry {
  readonly refer: (site: QuerySite) => CteReference
  readonly finish: () => readonly Query[]
}

function entryOf(definition: Definition, inside: QuerySite, recursive: boolean): Entry {
  const { aliases, added } = definition
  const [tag, body] = tagged(definition.query)
  const translate = (site: QuerySite): Query =>
    recursive && isStepwise(body)
      ? translateRecursive(body, definition, site)
      : site.translation.grammar.query(definition.query, site)
  if (tag !== 'SelectStmt') {
    // What writes is executed once, mentioned or not.
    const query = translate({ ...inside, violation: 'missing_tenant_id' })
    return { refer: () => ({ query, shared: true, aliases, added }), finish: () => [query] }
  }
  let referred = false
  return {
    refer: (site) => {
      referred = true
      const { violation, action } = site
      return { query: translate({ ...inside, violation, action }), shared: false, aliases, added }
    },
    finish: () => (referred ? [] : [translate(inside)]),
  }
}

/** Whether its second arm may read what it gives: PostgreSQL takes no ORDER BY and no LIMIT there. */
function isStepwise(body: Body): boolean {
  const others = ['sortClause', 'limitCount', 'limitOffset', 'withClause', 'lockingClause']
  return body['op'] === 'SETOP_UNION' && others.every((field) => body[field] === undefined)
}

/** UNION whose second arm may read what the query has given so far. */
function translateRecursive(body: Body, definition: Definition, site: QuerySite): Query {
  const union = fields(body, ['op', 'all', 'larg', 'rarg', 'limitOption'])
  const { query } = site.translation.grammar
  const first = query({ SelectStmt: union.larg }, site)
  const bound: Leaf[] = []
  const self: CteScope = {
    parent: site.ctes,
    name: definition.name,
    // WITH stands around this query, and this query around the reference.
    level: site.level,
    refer: () => ({
      query: first,
      shared: true,
      aliases: definition.aliases,
      added: definition.added,
      bind: (leaf) => bound.push(leaf),
    }),
  }
  const second = query({ SelectStmt: union.rarg }, { ...site, ctes: self })
  const [leaf] = bound
  if (bound.length > 1) throw unsupported('a query that refers to itself twice')
  const combined = combine([first, second], bound.length > 0)
  combined.self = leaf
  return combined
}
