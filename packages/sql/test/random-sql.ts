import { attribute } from './random/attributes.ts'
import { queries } from './random/block.ts'
import { byPlace, merge, remove, update, writeGlobal } from './random/change.ts'
import type { Construct } from './random/constructs.ts'
import { filtered } from './random/filtered.ts'
import { insertQuery, insertRows, upsert } from './random/insert.ts'
import { mentioned, placed } from './random/mentions.ts'
import { outerJoined } from './random/outer-joined.ts'
import { emptyPage, type Pen } from './random/pen.ts'
import { starred } from './random/stars.ts'
import { through, twoParents } from './random/through.ts'
import { unnested } from './random/unnested.ts'
import { chain, queryWith } from './random/with.ts'
import type { Random } from './random.ts'

export interface RandomStatement {
  readonly text: string
  readonly values: readonly unknown[]
  /** What the text has, of those that must be seen. */
  readonly uses: ReadonlySet<Construct>
}

const kinds: readonly (readonly [number, (pen: Pen) => string])[] = [
  [56, queryWith],
  [5, insertQuery],
  [5, insertRows],
  [7, upsert],
  [7, update],
  [5, remove],
  [4, merge],
  [3, byPlace],
  [5, through],
  [4, twoParents],
  [3, chain],
  [3, starred],
  [3, attribute],
  [3, mentioned],
  [3, placed],
  [2, writeGlobal],
  [18, filtered],
  [10, outerJoined],
  [4, unnested],
]
const shares = kinds.flatMap(([share, write]) => Array.from({ length: share }, () => write))
/** Without a catalogue nothing is known of the keys that these need. */
const declared = shares.filter((write) => ![through, twoParents, placed].includes(write))

/**
 * A statement made of choices, for a schema with or without a catalogue. Most of its relations are
 * confined in one way or another.
 */
export function randomStatement(random: Random, isLive = true): RandomStatement {
  // Several statements in one text have no parameters.
  const several = random.chance(0.03) ? 2 + random.below(2) : 1
  const isLiteral = several > 1 || random.chance(0.35)
  const isCareful = random.chance(several > 1 ? 0.9 : 0.6)
  const page = emptyPage(random, queries, { isLiteral, isCareful, isLive })
  if (several > 1) page.uses('several statements')
  const texts = Array.from({ length: several }, () => {
    page.ctes.length = 0
    page.changed.clear()
    return random.pick(isLive ? shares : declared)(page)
  })
  return { text: texts.join('; '), values: page.values, uses: page.used }
}
