import { confine } from './confine.ts'
import { extremesQuery } from './extremes.ts'
import { keyedQuery } from './keyed.ts'
import { listItem, renamedTable } from './lists.ts'
import { openQuery } from './open.ts'
import type { Pen } from './pen.ts'
import { columnOf, predicate } from './predicate.ts'
import { namesFor, type Source, sourceOf, tableSource } from './relations.ts'

export interface From {
  readonly text: string
  readonly sources: readonly Source[]
  /** What WHERE must still say. */
  readonly wanted: readonly string[]
}

function item(
  pen: Pen,
  depth: number,
  beside: readonly Source[],
  outer: readonly Source[],
): readonly [string, Source] {
  const { random } = pen
  if (depth > 0 && random.chance(0.25)) {
    const as = pen.alias()
    const isLateral = random.chance(0.4)
    if (isLateral) pen.uses('lateral')
    const inner = pen.queries.any(pen, depth - 1, isLateral ? [...beside, ...outer] : outer)
    return [`${isLateral ? 'lateral ' : ''}(${inner.text}) as ${as}`, sourceOf(as, inner)]
  }
  if (depth > 0 && random.chance(0.06)) {
    const as = pen.alias()
    const inner = openQuery(pen)
    return [`(${inner.text}) as ${as}`, sourceOf(as, inner)]
  }
  if (pen.isLive && random.chance(0.06)) {
    const as = pen.alias()
    const inner = keyedQuery(pen)
    return [`(${inner.text}) as ${as}`, sourceOf(as, inner, inner.table)]
  }
  if (depth > 0 && random.chance(0.06)) {
    const as = pen.alias()
    const inner = extremesQuery(pen)
    return [`(${inner.text}) as ${as}`, sourceOf(as, inner)]
  }
  if (pen.ctes.length > 0 && random.chance(0.35)) {
    const as = pen.alias()
    const cte = random.pick(pen.ctes)
    return [`${cte.name} as ${as}`, sourceOf(as, cte, cte.table)]
  }
  if (random.chance(0.13)) return listItem(pen, beside)
  if (pen.isLive && random.chance(0.05)) return renamedTable(pen)
  const table = random.pick(namesFor(pen.isLive || random.chance(0.02)))
  const source = tableSource(table, pen.alias())
  return [`${table} as ${source.alias}`, source]
}

/** Relations joined in some way, with conditions where they should be, and sometimes elsewhere. */
export function from(pen: Pen, depth: number, outer: readonly Source[]): From {
  const { random } = pen
  let [whole, first] = item(pen, depth, [], outer)
  const sources = [first]
  const wanted: string[] = []
  const delayed: string[] = []
  const place = (condition: string | undefined, on: string[] | undefined): void => {
    if (condition === undefined) return
    const choice = random.below(10)
    if (on !== undefined && choice < 4) on.push(condition)
    else if (choice < 6) delayed.push(condition)
    else wanted.push(condition)
  }
  place(confine(pen, first, outer), undefined)
  for (let joins = random.pick([0, 0, 1, 1, 2, 3]); joins > 0; joins -= 1) {
    const kind = random.pick(['join', 'left join', 'left join', 'right join', 'full join', 'cross'])
    const seesLeft = kind !== 'right join' && kind !== 'full join'
    const [next, source] = item(pen, depth, seesLeft ? sources : [], outer)
    if (kind === 'cross') {
      place(confine(pen, source, [...sources, ...outer]), undefined)
      sources.push(source)
      whole = `${whole} cross join ${next}`
      continue
    }
    // What is said of the left side holds here only where that side may be missing.
    const holds = kind === 'join' || kind === 'right join'
    const on = pen.isCareful && !holds ? [] : delayed.splice(0)
    if (kind === 'full join') {
      // A full join wants a condition that can be hashed or merged.
      on.push(`${columnOf(pen, [source], 'int') ?? '1'} = ${columnOf(pen, sources, 'int') ?? '1'}`)
      if (!pen.isCareful && random.chance(0.5)) {
        place(confine(pen, random.pick(sources), [source]), on)
      }
    } else if (random.chance(0.6)) {
      on.push(predicate(pen, [source, ...sources], [], 0))
    }
    const isConfinedByOn = kind === 'join' || kind === 'left join' || !pen.isCareful
    place(confine(pen, source, [...sources, ...outer]), isConfinedByOn ? on : undefined)
    sources.push(source)
    whole = `${whole} ${kind} ${next} on ${on.join(' and ') || 'true'}`
  }
  wanted.push(...delayed)
  return { text: whole, sources, wanted }
}
