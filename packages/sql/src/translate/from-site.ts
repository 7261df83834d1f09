import type { ViolationKind } from '@partywall/context/spi'
import { type Body, locationOf } from '../parse/syntax-tree.ts'
import type { Block, JoinTree, Leaf } from '../proof/model.ts'
import type { Item, Scope } from './namespace.ts'
import type { QuerySite } from './translation.ts'

/** A part of FROM: its tree, and the names that it brings. */
export interface FromPart {
  readonly tree: JoinTree
  readonly items: readonly Item[]
}

/** Where a part of FROM stands. */
export interface FromSite {
  readonly site: QuerySite
  readonly block: Block
  /** What LATERAL sees: the parts before this one. */
  readonly beside: readonly Item[]
  readonly violation: ViolationKind
}

export function scopeBeside({ site, block, beside }: FromSite): Scope {
  return { parent: site.parent, items: beside, block }
}

export function leafOf(kind: Leaf['kind'], { site, violation }: FromSite, body: Body): Leaf {
  const mention = { violation, action: site.action, location: locationOf(body) }
  return { kind, terms: new Map(), lateral: false, sites: [], mention }
}
