import type { Pen } from './pen.ts'
import { int, type Query, type Source, text } from './relations.ts'

/**
 * A query around another one that groups, orders, cuts or numbers its rows. Whatever depends on an
 * order has a total one: rows that are still alike cannot be told apart.
 */
export function reshaped(
  pen: Pen,
  inner: Query,
  { depth, outer }: { readonly depth: number; readonly outer: readonly Source[] },
): Query {
  const { random } = pen
  const q = pen.alias()
  const rows = `from (${inner.text}) as ${q}`
  const o = inner.columns[2] === undefined ? undefined : `${q}.o`
  const all = [`${q}.i`, `${q}.t`, ...(o === undefined ? [] : [o])].join(', ')
  const by = o !== undefined && random.chance(0.75) ? o : `${q}.i`
  const isKept = by === o
  /** The same columns as inside. */
  const same = (written: string): Query => ({ ...inner, text: written })
  /** With `by` as the owner's column where it is one. */
  const grouped = (i: string, t: string, rest: string): Query => ({
    text: `select ${i} as i, ${t} as t${isKept ? `, ${o} as o` : ''} ${rest}`,
    columns: isKept ? inner.columns : [int('i'), text('t')],
    ...(isKept && inner.owner !== undefined ? { owner: inner.owner } : {}),
  })
  const single = (): string => `(${pen.queries.single(pen, Math.max(depth - 1, 0), outer)})`
  const ways: (() => Query)[] = [
    () => {
      pen.uses('DISTINCT ON')
      return same(`select distinct on (${by}) ${all} ${rows} order by ${by}, ${all}`)
    },
    () => {
      pen.uses('FILTER')
      const i = `(count(*) filter (where ${q}.i ${random.pick(['> 1', 'is null'])}))::int`
      return grouped(i, `'x'`, `${rows} group by ${by}`)
    },
    () => {
      pen.uses('ordered aggregate')
      return grouped(
        `min(${q}.i)`,
        `string_agg(${q}.t, ',' order by ${q}.t desc)`,
        `${rows} group by ${by}`,
      )
    },
    () => {
      pen.uses('WITHIN GROUP')
      return grouped(
        `percentile_disc(0.5) within group (order by ${q}.i)`,
        `'x'`,
        `${rows} group by ${by}`,
      )
    },
    () => {
      pen.uses('window frame')
      const frame = random.pick([
        'rows between 1 preceding and current row',
        'rows between unbounded preceding and 1 following exclude current row',
        'groups between 1 preceding and 1 following exclude ties',
        'range unbounded preceding',
      ])
      return grouped(
        `(sum(${q}.i) over (partition by ${by} order by ${all} ${frame}))::int`,
        `first_value(${q}.t) over (partition by ${by} order by ${all})`,
        rows,
      )
    },
    () => {
      pen.uses('named window')
      return grouped(
        `(row_number() over v)::int`,
        `lag(${q}.t) over (v rows 1 preceding)`,
        `${rows} window w as (partition by ${by}), v as (w order by ${all})`,
      )
    },
    () => {
      pen.uses('GROUPING SETS')
      return grouped(
        `count(*)::int + grouping(${by})`,
        `max(${q}.t)`,
        `${rows} group by grouping sets ((${by}), (${by}, ${q}.t)${random.chance(0.3) ? ', ()' : ''})`,
      )
    },
    () => {
      const kind = random.pick(['CUBE', 'ROLLUP'] as const)
      pen.uses(kind)
      return grouped(`count(*)::int`, `max(${q}.t)`, `${rows} group by ${kind} (${by}, ${q}.t)`)
    },
    () => {
      pen.uses('HAVING without GROUP BY')
      return {
        text: `select count(*)::int as i, max(${q}.t) as t ${rows} having ${random.pick(['count(*) > 0', `min(${q}.i) < 3`, 'true'])}`,
        columns: [int('i'), text('t')],
      }
    },
    () => {
      pen.uses('query in ORDER BY')
      return same(`select ${all} ${rows} order by ${q}.i + ${single()}, ${all} limit 2`)
    },
    () => {
      pen.uses('query in LIMIT')
      return same(`select ${all} ${rows} order by ${all} limit abs(${single()})`)
    },
    () =>
      same(`select ${all} ${rows} order by ${all} limit ${pen.number(2)} offset ${pen.number(1)}`),
    () => {
      pen.uses('WITH TIES')
      return same(`select ${all} ${rows} order by ${by} fetch first 2 rows with ties`)
    },
    () => {
      pen.uses('function in the select list')
      return same(
        `select ${random.pick([`generate_series(1, least(${q}.i, 3))`, `unnest(array[${q}.i, 1])`])} as i, ${q}.t${o === undefined ? '' : `, ${o}`} ${rows}`,
      )
    },
  ]
  return random.pick(ways)()
}
