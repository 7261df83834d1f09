import { type Body, bodyOf, fields, list, name, only, tagged } from '../parse/syntax-tree.ts'
import { unsupported } from '../parse/unprovable.ts'
import { append } from '../proof/append.ts'
import {
  type Block,
  type Column,
  emptyBlock,
  nothingKnown,
  type Query,
  type SetOperation,
  type Value,
} from '../proof/model.ts'
import { condition } from './condition.ts'
import { translateFrom } from './from-clause.ts'
import { listedColumn } from './listed-column.ts'
import { lookUp, maybe, type Scope } from './namespace.ts'
import { translateOutputs } from './outputs.ts'
import { combine } from './set-operation.ts'
import { nested, type Place, type QuerySite } from './translation.ts'
import { expression, operand, optional, sortKey } from './walk.ts'
import { windowDefinition } from './window-definition.ts'
import { translateWith, type WithQueries } from './with-clause.ts'

const selectFields = [
  'distinctClause',
  'targetList',
  'fromClause',
  'whereClause',
  'groupClause',
  'groupDistinct',
  'havingClause',
  'windowClause',
  'valuesLists',
  'sortClause',
  'limitOffset',
  'limitCount',
  'limitOption',
  'lockingClause',
  'withClause',
  'op',
  'all',
  'larg',
  'rarg',
] as const
type Select = Readonly<Partial<Record<(typeof selectFields)[number], unknown>>>

/** A SELECT, VALUES or set operation. */
export function translateSelect(body: Body, { written, ...site }: QuerySite): Query {
  const select = fields(body, selectFields)
  return nested(site.translation, () => {
    const ctes = translateWith(select.withClause, site)
    // Nothing in it is written: not the arms of a union, and no query further inside.
    const inner: QuerySite = { ...site, ctes: ctes.scope }
    if (select.op !== 'SETOP_NONE') return setOperation(select, inner, ctes)
    const block = emptyBlock()
    if (select.valuesLists !== undefined) values(select, inner, block)
    else selectBlock(select, { site: inner, written }, block)
    limit(select, inner, block)
    block.outerSites.push(...ctes.unreferenced())
    return block
  })
}

interface Written {
  readonly site: QuerySite
  readonly written: QuerySite['written']
}

function selectBlock(select: Select, { site, written }: Written, block: Block): void {
  const from = translateFrom(select.fromClause, site, block)
  block.from = from?.tree
  const scope: Scope = { parent: site.parent, items: from?.items ?? [], block }
  const row: Place = { ...site, scope, sites: block.rowSites }
  const output: Place = { ...site, scope, sites: block.outputSites }
  append(block.where, condition(select.whereClause, row).facts ?? [])
  block.outputs = translateOutputs(select.targetList, output, written)
  if (select.groupClause !== undefined) groupBy(select.groupClause, row, block)
  if (select.havingClause !== undefined) {
    block.aggregated = true
    condition(select.havingClause, output)
  }
  for (const window of list(select.windowClause)) {
    windowDefinition(only(window, 'WindowDef'), output)
  }
  for (const key of list(select.sortClause)) outputKey(sortKey(key), output, block)
  // Plain DISTINCT is a list with one empty node.
  const distinct = list(select.distinctClause).filter((key) => Object.keys(Object(key)).length > 0)
  // Of the rows that are alike in these columns the first is given, as if a window had numbered them.
  const kept = distinct.map((key) => outputKey(key, output, block))
  if (kept.length > 0) block.partitions.push(kept)
}

function groupBy(keys: unknown, place: Place, block: Block): void {
  const grouped: Value[] = []
  for (const key of list(keys)) {
    const [tag, body] = tagged(key)
    if (tag === 'GroupingSet') {
      block.groupingSets = true
      groupingSet(body, place, block)
    } else {
      grouped.push(groupKey(key, place, block))
    }
  }
  block.grouped = grouped
}

function groupingSet(body: Body, place: Place, block: Block): void {
  for (const key of list(fields(body, ['kind', 'content']).content)) {
    const [tag, inner] = tagged(key)
    if (tag === 'GroupingSet') groupingSet(inner, place, block)
    else groupKey(key, place, block)
  }
}

/** GROUP BY means a column of its own level before it means an output. */
function groupKey(node: unknown, place: Place, block: Block): Value {
  const ordinal = ordinalOf(node)
  if (ordinal !== undefined) return outputAt(block, ordinal)
  const column = simpleName(node)
  if (column !== undefined && lookUp(place.scope.items, column) === undefined) {
    if (outputNamed(block, column) !== undefined) return nothingKnown
  }
  return expression(node, place)
}

/** ORDER BY and DISTINCT ON mean an output before they mean a column. */
function outputKey(node: unknown, place: Place, block: Block): Value {
  const ordinal = ordinalOf(node)
  if (ordinal !== undefined) return outputAt(block, ordinal)
  const name = simpleName(node)
  const output = outputNamed(block, name)
  const column = output ?? expression(node, place)
  // An output whose name nobody knows may have this one, and comes before the column.
  return output === undefined && name !== undefined && !hasNames(block) ? nothingKnown : column
}

/** Whether the names of all outputs are known. */
function hasNames({ outputs }: Block): boolean {
  return outputs.positions?.every(([name]) => name !== undefined) === true
}

function outputAt({ outputs }: Block, ordinal: number): Value {
  return outputs.positions?.[ordinal - 1]?.[1] ?? nothingKnown
}

/** The output of this name, where it is certain that there is one. */
function outputNamed({ outputs }: Block, column = ''): Value | undefined {
  const output = outputs.named.get(column)
  return output === maybe ? undefined : output
}

function simpleName(node: unknown): string | undefined {
  const [, body] = tagged(node)
  // No other node has such a field, and no star stands there alone.
  const path = list(body['fields'])
  return path.length === 1 ? name(path[0]) : undefined
}

function ordinalOf(node: unknown): number | undefined {
  const [, { ival }] = tagged(node)
  return ival === undefined ? undefined : Number(bodyOf(ival)['ival'])
}

/** LIMIT, OFFSET and locks: they see no column, and what is above must not move below. */
function limit(select: Select, site: QuerySite, block: Block): void {
  const { limitCount, limitOffset, lockingClause } = select
  if (limitCount === undefined && limitOffset === undefined && lockingClause === undefined) return
  block.barrier = true
  const scope = { parent: site.parent, items: [], block: emptyBlock() }
  const place = { ...site, scope, sites: block.outerSites }
  optional(limitCount, place)
  optional(limitOffset, place)
  for (const clause of list(lockingClause)) {
    const { lockedRels } = fields(only(clause, 'LockingClause'), [
      'lockedRels',
      'strength',
      'waitPolicy',
    ])
    for (const relation of list(lockedRels)) {
      fields(only(relation, 'RangeVar'), ['relname', 'inh', 'relpersistence'])
    }
  }
}

function values(select: Select, site: QuerySite, block: Block): void {
  const scope = { parent: site.parent, items: [], block }
  const place: Place = { ...site, scope, sites: block.outerSites }
  const rows = list(select.valuesLists).map((row) =>
    list(fields(only(row, 'List'), ['items']).items).map((item) => operand(item, place)),
  )
  if (list(select.sortClause).length > 0) throw unsupported('VALUES with ORDER BY')
  const positions = rows[0]?.map((_, i): Column => {
    const cells = rows.map((row) => row[i] ?? nothingKnown)
    return [`column${i + 1}`, listedColumn(cells, site.translation)]
  })
  block.outputs = { positions: positions ?? [], named: new Map(), open: false }
}

function setOperation(select: Select, site: QuerySite, ctes: WithQueries): SetOperation {
  const unused = [
    'targetList',
    'fromClause',
    'whereClause',
    'groupClause',
    'lockingClause',
  ] as const
  if (unused.some((field) => select[field] !== undefined)) throw unsupported('a set operation')
  const arm = (node: unknown): Query => site.translation.grammar.query({ SelectStmt: node }, site)
  const query = combine([arm(select.larg), arm(select.rarg)], isLimited(select))
  const block = emptyBlock()
  limit(select, site, block)
  query.outerSites.push(...block.outerSites, ...ctes.unreferenced())
  for (const key of list(select.sortClause)) {
    const node = sortKey(key)
    if (ordinalOf(node) === undefined && simpleName(node) === undefined) {
      throw unsupported('ORDER BY an expression over a set operation')
    }
  }
  return query
}

function isLimited({ limitCount, limitOffset }: Select): boolean {
  return limitCount !== undefined || limitOffset !== undefined
}
