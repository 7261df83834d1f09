import { parse } from '../parse/parse.ts'
import type { TenantSchema } from '../schema/tenant-schema.ts'
import type { JoinTree, Leaf, Query } from './model.ts'

/** How the relations of a text are called in it. */
export interface Mentions {
  /** The alias of a relation, where it has one. */
  alias(leaf: Leaf): string | undefined
  /** The name in the text of a query of WITH or a view. */
  name(leaf: Leaf): string | undefined
  /** The view whose query it stands in. */
  view(leaf: Leaf): string | undefined
}

interface Named {
  readonly name: string
  readonly schema: string | undefined
  readonly alias: string | undefined
}

/** Looks up what a text calls its relations; of views, it is what the text says of the view. */
export function mentionsOf(
  text: string,
  queries: readonly Query[],
  schema: TenantSchema,
): Mentions {
  const named = new Map<number, Named>()
  const ctes = new Set<string>()
  collect(parse(text, Number.POSITIVE_INFINITY).statements, named, ctes)
  const views = new Map<Leaf, string>()
  const seen = new Set<Query | Leaf>()

  function viewOf(leaf: Leaf): string | undefined {
    const at = leaf.kind === 'derived' ? named.get(leaf.mention.location) : undefined
    if (at === undefined || (at.schema === undefined && ctes.has(at.name))) return undefined
    return schema.view(at.name, at.schema) === undefined ? undefined : nameOf(at)
  }
  function walkLeaf(leaf: Leaf, view: string | undefined): void {
    if (seen.has(leaf)) return
    seen.add(leaf)
    if (view !== undefined) views.set(leaf, view)
    const within = view ?? viewOf(leaf)
    if (leaf.query !== undefined) walk(leaf.query, within)
    for (const site of leaf.sites) walk(site, view)
  }
  function walkTree(tree: JoinTree, view: string | undefined): void {
    if (tree.kind === 'leaf') {
      walkLeaf(tree.leaf, view)
      return
    }
    walkTree(tree.left, view)
    walkTree(tree.right, view)
    for (const site of tree.sites) walk(site, view)
  }
  function walk(query: Query, view: string | undefined): void {
    if (seen.has(query)) return
    seen.add(query)
    for (const site of query.outerSites) walk(site, view)
    if (query.kind === 'set') {
      for (const arm of query.arms) walk(arm, view)
      return
    }
    if (query.from !== undefined) walkTree(query.from, view)
    for (const site of [...query.rowSites, ...query.outputSites]) walk(site, view)
    for (const { target } of query.writes) walkLeaf(target, view)
  }
  for (const query of queries) walk(query, undefined)
  return {
    alias: (leaf) => (views.has(leaf) ? undefined : named.get(leaf.mention.location)?.alias),
    name: (leaf) => (views.has(leaf) ? undefined : named.get(leaf.mention.location)?.name),
    view: (leaf) => views.get(leaf),
  }
}

function nameOf({ name, schema, alias }: Named): string {
  const whole = schema === undefined ? name : `${schema}.${name}`
  return alias === undefined ? whole : `${whole} ${alias}`
}

/** Every name of a relation, by where it stands, and the names of WITH. */
function collect(node: unknown, named: Map<number, Named>, ctes: Set<string>): void {
  if (typeof node !== 'object' || node === null) return
  const { relname, schemaname, location, alias, ctename }: Readonly<Record<string, unknown>> =
    // What JSON.parse has made.
    node as Readonly<Record<string, unknown>>
  if (typeof ctename === 'string') ctes.add(ctename)
  if (typeof relname === 'string' && typeof location === 'number') {
    named.set(location, { name: relname, schema: optional(schemaname), alias: aliasOf(alias) })
  }
  for (const each of Object.values(node)) collect(each, named, ctes)
}

function aliasOf(alias: unknown): string | undefined {
  return optional(Object(alias).aliasname)
}

function optional(text: unknown): string | undefined {
  return typeof text === 'string' ? text : undefined
}
