import type { ViolationKind } from '@partywall/context/spi'
import { parse } from '../parse/parse.ts'
import { type Body, fields, list, locationOf, name, tagged, text } from '../parse/syntax-tree.ts'
import { Unprovable, unsupported } from '../parse/unprovable.ts'
import {
  type Block,
  type Column,
  type JoinKind,
  type Leaf,
  type Mention,
  nothingKnown,
  type Query,
} from '../proof/model.ts'
import { aliasOf, merge } from './alias.ts'
import { condition } from './condition.ts'
import { type FromPart, type FromSite, leafOf, scopeBeside } from './from-site.ts'
import { byName, type Item, itemOf, tableItem } from './namespace.ts'
import { derivedItem } from './outputs.ts'
import { rangeFunction, rangeJsonTable } from './range-function.ts'
import { policySites, refuseStoredCode, refuseStrangers } from './stored-code.ts'
import { addLeaf, type CteScope, nested, type QuerySite } from './translation.ts'
import { using, withMerged } from './using-clause.ts'

/** The parts of a FROM list, joined. */
export function translateFrom(nodes: unknown, site: QuerySite, block: Block): FromPart | undefined {
  const [first, ...others] = list(nodes)
  if (first === undefined) return undefined
  return joinedTo(firstOfFrom(first, site, block), others, site, block)
}

/** What stands in FROM before everything else. */
export function firstOfFrom(node: unknown, site: QuerySite, block: Block): FromPart {
  return fromPart(node, { site, block, beside: [], violation: site.violation })
}

/** A part with those that stand behind it. */
export function joinedTo(
  first: FromPart,
  others: readonly unknown[],
  site: QuerySite,
  block: Block,
): FromPart {
  let whole = first
  for (const node of others) {
    const violation = 'missing_relation_filter'
    const part = fromPart(node, { site, block, beside: whole.items, violation })
    whole = {
      tree: { kind: 'inner', left: whole.tree, right: part.tree, on: [], sites: [] },
      items: [...whole.items, ...part.items],
    }
  }
  return whole
}

function fromPart(node: unknown, from: FromSite): FromPart {
  const [tag, body] = tagged(node)
  const rule = rules.get(tag)
  if (rule === undefined) throw unsupported(tag)
  return nested(from.site.translation, () => rule(body, from))
}

const rules: ReadonlyMap<string, (body: Body, from: FromSite) => FromPart> = new Map([
  ['RangeVar', rangeVariable],
  ['JoinExpr', join],
  ['RangeSubselect', rangeSubselect],
  ['RangeFunction', rangeFunction],
  ['JsonTable', rangeJsonTable],
])

const rangeVariableFields = ['schemaname', 'relname', 'inh', 'relpersistence', 'alias'] as const

function rangeVariable(body: Body, from: FromSite): FromPart {
  const { schemaname, relname } = fields(body, rangeVariableFields)
  const cte = schemaname === undefined ? findCte(from.site.ctes, text(relname)) : undefined
  if (cte === undefined) return viewPart(body, from) ?? readTable(body, from)
  const { alias, names } = aliasOf(body['alias'])
  const reference = cte.refer({ ...from.site, violation: from.violation })
  const leaf = addLeaf(from.site.translation, {
    ...leafOf('derived', from, body),
    query: reference.query,
    shared: reference.shared,
    recursive: reference.bind !== undefined,
  })
  reference.bind?.(leaf)
  const columns = { alias: alias ?? text(relname), names: merge(names, reference.aliases) }
  return {
    tree: { kind: 'leaf', leaf },
    items: [
      withAdded(derivedItem(leaf, reference.query, columns), {
        added: reference.added,
        isInside: from.site.level > cte.level,
      }),
    ],
  }
}

/** A star stands for what SEARCH and CYCLE add only where WITH stands before the very query it is in. */
function withAdded(
  item: Item,
  { added, isInside }: { readonly added: readonly string[]; readonly isInside: boolean },
): Item {
  const { positions } = item
  const more = added.map((name): Column => [name, nothingKnown])
  const known = byName([...item.known, ...more])
  return isInside
    ? { ...item, known, unstarred: new Set(added) }
    : { ...item, known, positions: positions && [...positions, ...more] }
}

/** A view is proved as if its query stood there; it sees nothing of the statement around it. */
function viewPart(body: Body, from: FromSite): FromPart | undefined {
  const { schemaname, relname } = fields(body, rangeVariableFields)
  const schema = schemaname === undefined ? undefined : text(schemaname)
  const { translation } = from.site
  const view = translation.schema.view(text(relname), schema)
  if (view === undefined) return undefined
  const { statements } = parse(view.definition, Number.POSITIVE_INFINITY)
  const query = translation.grammar.query(statements[0], {
    ...from.site,
    parent: undefined,
    ctes: undefined,
    seen: [],
    violation: from.violation,
  })
  refuseStrangers(`the view ${view.key}`, view.uses, translation)
  const leaf = addLeaf(translation, { ...leafOf('derived', from, body), query })
  const { alias, names } = aliasOf(body['alias'])
  const columns = { alias: alias ?? text(relname), names: merge(names, view.columns) }
  const key = alias === undefined ? view.key : undefined
  const item: Item = { ...derivedItem(leaf, query, columns), key }
  return { tree: { kind: 'leaf', leaf }, items: [item] }
}

function readTable(body: Body, { site, violation }: FromSite): FromPart {
  const { leaf, item } = tableOf(body, site, violation)
  return { tree: { kind: 'leaf', leaf }, items: [item] }
}

/** A table that was declared, as a relation that is read or written. */
export function tableOf(
  body: Body,
  site: QuerySite,
  violation: ViolationKind,
  role: Pick<Leaf, 'target'> = {},
): { readonly leaf: Leaf; readonly item: Item } {
  const { schemaname, relname } = fields(body, rangeVariableFields)
  const schema = schemaname === undefined ? undefined : text(schemaname)
  const relation = site.translation.schema.relation(text(relname), schema)
  if (relation === undefined) {
    throw new Unprovable(schema === undefined ? text(relname) : `${schema}.${text(relname)}`, {
      detail: 'unknown_relation',
    })
  }
  const mention: Mention = { violation, action: site.action, location: locationOf(body) }
  const leaf = addLeaf(site.translation, {
    kind: relation.table.kind,
    ...role,
    relation,
    terms: new Map(),
    lateral: false,
    sites: [],
    mention,
  })
  refuseStoredCode(relation.live?.code.read ?? [], site.translation)
  leaf.sites.push(...policySites(leaf, tableItem(leaf, text(relname)), site))
  const { alias, names } = aliasOf(body['alias'])
  const key = alias === undefined ? relation.key : undefined
  const item = tableItem(leaf, alias ?? text(relname), key)
  return { leaf, item: renamed(item, names) }
}

function renamed(item: Item, names: readonly string[]): Item {
  if (names.length === 0) return item
  if (item.positions === undefined) {
    throw unsupported('column names for columns that were not declared')
  }
  return itemOf(
    item.alias,
    item.positions.map(([column, value], i): Column => [names[i] ?? column, value]),
  )
}

function rangeSubselect(body: Body, from: FromSite): FromPart {
  const { lateral, subquery, alias } = fields(body, ['lateral', 'subquery', 'alias'])
  const { site } = from
  const query = site.translation.grammar.query(subquery, {
    ...site,
    parent: lateral === true ? scopeBeside(from) : site.parent,
    violation: from.violation,
  })
  const leaf = addLeaf(site.translation, {
    ...leafOf('derived', from, body),
    lateral: lateral === true,
    query,
  })
  return { tree: { kind: 'leaf', leaf }, items: [derivedItem(leaf, query, aliasOf(alias))] }
}

const joinKinds: ReadonlyMap<unknown, JoinKind> = new Map([
  ['JOIN_INNER', 'inner'],
  ['JOIN_LEFT', 'left'],
  ['JOIN_RIGHT', 'right'],
  ['JOIN_FULL', 'full'],
])

function join(body: Body, from: FromSite): FromPart {
  const { jointype, larg, rarg, usingClause, quals } = fields(body, [
    'jointype',
    'larg',
    'rarg',
    'usingClause',
    'quals',
    'rtindex',
  ])
  const kind = joinKinds.get(jointype)
  if (kind === undefined) throw unsupported('a kind of join')
  const left = fromPart(larg, from)
  const right = fromPart(rarg, {
    ...from,
    beside: [...from.beside, ...left.items],
    violation: 'missing_relation_filter',
  })
  const merged = list(usingClause).map((column) =>
    using(name(column), kind, [left.items, right.items], from.site.translation),
  )
  const items = withMerged([...left.items, ...right.items], merged)
  const sites: Query[] = []
  const scope = { parent: from.site.parent, items, block: from.block }
  const said = condition(quals, { ...from.site, scope, sites })
  const on = [...merged.flatMap(({ facts }) => facts), ...(said.facts ?? [])]
  return { tree: { kind, left: left.tree, right: right.tree, on, sites }, items }
}

function findCte(ctes: CteScope | undefined, wanted: string): CteScope | undefined {
  for (let cte = ctes; cte !== undefined; cte = cte.parent) {
    if (cte.name === wanted) return cte
  }
  return undefined
}
