import { from } from './from.ts'
import type { Pen, Queries } from './pen.ts'
import { columnOf, predicate } from './predicate.ts'
import { type Column, columnsIn, int, nameIn, type Query, type Source, text } from './relations.ts'
import { nestedNumber, nestedText } from './scalars.ts'
import { reshaped } from './shapes.ts'
import { joinUsing } from './using.ts'

interface Rows {
  readonly sources: readonly Source[]
  /** What is in sight of them, and what they say of it. */
  readonly outer: readonly Source[]
  /** FROM and WHERE. */
  readonly tail: string
  /** An owner's column of one of them. */
  readonly owner?: { readonly name: string; readonly column: Column }
}

/** Says of a row outside, which belongs to nobody, that a number in it is the tenant's. */
function saidOutside(pen: Pen, outer: readonly Source[]): Source | undefined {
  const free = outer.filter((each) => each.owner === undefined && each.table !== 'pages')
  const columns = free.flatMap((each) => each.columns.map((column) => ({ each, column })))
  const numbers = columns.filter(({ column }) => column.type === 'int')
  if (numbers.length === 0 || !pen.random.chance(0.4)) return undefined
  const { each, column } = pen.random.pick(numbers)
  pen.uses('fact about a row outside')
  return { alias: each.alias, columns: [], owner: column }
}

function rowsOf(pen: Pen, depth: number, around: readonly Source[]): Rows {
  const said = saidOutside(pen, around)
  const outer = said === undefined ? around : [...around, said, said]
  const { text: source, sources, wanted } = from(pen, depth, outer)
  const conditions = [...wanted]
  if (said?.owner !== undefined) {
    conditions.push(`${nameIn(said, said.owner)} = ${pen.tenant('int')}`)
  }
  for (let more = pen.random.pick([0, 0, 1, 2]); more > 0; more -= 1) {
    conditions.push(predicate(pen, sources, outer, depth))
  }
  const tail = `from ${source}${conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`}`
  const owned = sources.filter((each) => each.owner !== undefined)
  const chosen = owned.length === 0 ? undefined : pen.random.pick(owned)
  if (chosen?.owner === undefined) return { sources, outer, tail }
  const column = chosen.owner
  return { sources, outer, tail, owner: { name: nameIn(chosen, column), column } }
}

const plain = [int('i'), text('t')]

/** A SELECT of `i`, `t`, and the owner's column `o` where there is one. */
function block(pen: Pen, depth: number, around: readonly Source[]): Query {
  const { random } = pen
  if (random.chance(0.05)) return joinUsing(pen, around)
  if (random.chance(0.05)) return cutTable(pen)
  const { sources, outer, tail, owner } = rowsOf(pen, depth, around)
  const a = columnOf(pen, sources, 'int') ?? '1'
  const b = columnOf(pen, sources, 'text') ?? `'x'`
  const list = (written: string): Query => {
    if (owner === undefined) return { text: `select ${written} ${tail}`, columns: plain }
    const o = { name: 'o', type: owner.column.type }
    return {
      text: `select ${written}, ${owner.name} as o ${tail}`,
      columns: [...plain, o],
      owner: o,
    }
  }
  const ways: (() => Query)[] = [
    () => list(`${a} as i, ${b} as t`),
    () => list(`${a} as i, ${b} as t`),
    () => list(`distinct ${a} as i, ${b} as t`),
    () => {
      const extra = depth > 0 ? ` + coalesce((${single(pen, depth - 1, outer)}), 0)` : ''
      return { text: `select count(*)::int${extra} as i, max(${b}) as t ${tail}`, columns: plain }
    },
    () => {
      pen.uses('window')
      const over = owner !== undefined && random.chance(0.7) ? owner.name : random.pick([a, '1'])
      return list(`(count(*) over (partition by ${over}))::int as i, ${b} as t`)
    },
  ]
  if (owner !== undefined) ways.push(() => grouped(pen, owner, tail, a))
  if (depth > 0) {
    const all = [...sources, ...outer]
    ways.push(
      () => list(`${nestedNumber(pen, depth, all)} as i, ${b} as t`),
      () => list(`${a} as i, ${nestedText(pen, depth, all)} as t`),
      () => ({
        text: `select max(${nestedNumber(pen, depth, all)}) as i, max(${b}) as t ${tail}`,
        columns: plain,
      }),
    )
  }
  return random.pick(ways)()
}

/** Rows counted by their owner, and sometimes by more. */
function grouped(pen: Pen, owner: NonNullable<Rows['owner']>, tail: string, also: string): Query {
  const keys = `${owner.name}${pen.random.chance(0.5) ? `, ${also}` : ''}`
  const isRollup = pen.random.chance(0.15)
  if (isRollup) pen.uses('ROLLUP')
  const having = pen.random.chance(0.4) ? ' having count(*) > 0' : ''
  const o = { name: 'o', type: owner.column.type }
  return {
    text: `select count(*)::int as i, 'x' as t, ${owner.name} as o ${tail} group by ${isRollup ? `rollup (${keys})` : keys}${having}`,
    columns: [...plain, o],
    owner: o,
  }
}

/** Rows of one table, cut off or locked: no filter may be moved into it. */
function cutTable(pen: Pen): Query {
  const table = pen.random.pick(['users', 'posts', 'tags'])
  const only = pen.alias()
  const confined = pen.random.chance(0.7) ? ` where ${only}.tenant_id = ${pen.tenant('int')}` : ''
  const cuts = ['limit 2', 'offset 1', 'limit 1 offset 1'] as const
  const locks = pen.changed.has(table) ? [] : (['for share', 'for update'] as const)
  const end = pen.random.pick([...cuts, ...locks])
  if (end.startsWith('for')) {
    pen.uses('locked rows')
    pen.locked.add(table)
  }
  return {
    text: `select ${only}.id as i, 'x' as t, ${only}.tenant_id as o from ${table} as ${only}${confined} order by ${only}.id, ${only}.tenant_id ${end}`,
    columns: [...plain, int('o')],
    owner: int('o'),
  }
}

function setOperation(pen: Pen, depth: number, outer: readonly Source[]): Query {
  const { random } = pen
  pen.uses('set operation')
  const arms = [any(pen, depth - 1, outer), any(pen, depth - 1, outer)]
  if (random.chance(0.3)) {
    arms.push(block(pen, depth - 1, outer))
    pen.uses('nested set operation')
  }
  const [first] = arms
  const owner = first?.columns[2]
  const isSame = owner !== undefined && arms.every(({ columns }) => columns[2]?.type === owner.type)
  const isOrdered = random.chance(0.3)
  if (isOrdered) pen.uses('ordered set operation')
  const written = arms.map((arm) => {
    const as = pen.alias()
    return `select ${as}.i, ${as}.t${isSame ? `, ${as}.o` : ''} from (${arm.text}) as ${as}`
  })
  const whole = written.reduce((before, arm) => {
    const operator = random.pick([
      'union',
      'union all',
      'union all',
      'intersect',
      'except',
      'except all',
    ])
    return random.chance(0.5) ? `${before} ${operator} ${arm}` : `(${before}) ${operator} (${arm})`
  })
  return {
    text: `${whole}${isOrdered ? ` order by 1, 2${isSame ? ', 3' : ''}${random.pick(['', ' limit 3', ' offset 1'])}` : ''}`,
    columns: [...plain, ...(isSame ? [owner] : [])],
    ...(isSame ? { owner } : {}),
  }
}

function any(pen: Pen, depth: number, outer: readonly Source[]): Query {
  if (depth > 0 && pen.random.chance(0.14)) return setOperation(pen, depth, outer)
  if (depth > 0 && pen.random.chance(0.22)) {
    return reshaped(pen, any(pen, depth - 1, outer), { depth, outer })
  }
  return block(pen, depth, outer)
}

function number(pen: Pen, depth: number, outer: readonly Source[]): string {
  const { sources, tail, owner } = rowsOf(pen, depth, outer)
  const a = columnOf(pen, sources, 'int') ?? '1'
  const isOwned = owner?.column.type === 'int' && columnsIn(sources, 'int').length > 0
  return `select ${pen.random.pick([a, a, 'count(*)::int', `max(${a})`, isOwned ? owner.name : a])} as i ${tail}`
}

function single(pen: Pen, depth: number, outer: readonly Source[]): string {
  const q = pen.alias()
  const value = pen.random.pick(['count(*)::int', `max(${q}.i)`, `min(${q}.i)`])
  return `select ${value} from (${any(pen, depth, outer).text}) as ${q}`
}

export const queries: Queries = { any, number, single }
