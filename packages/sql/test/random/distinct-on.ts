import { namedRows, type OpenRows } from './open-rows.ts'
import type { Pen } from './pen.ts'

/** Expressions without a name of their own, by the name that PostgreSQL gives them. */
const figured: readonly (readonly [string, string])[] = [
  ['?column?', '1'],
  ['?column?', 'r.i + 1'],
  ['?column?', 'r.i is null'],
  ['?column?', 'not true'],
  ['int4', '1::int'],
  ['bool', `'t'::bool`],
  ['date', `date '2026-01-01'`],
  ['lower', `lower('X')`],
  ['btrim', `trim(' x ')`],
  ['extract', `extract(year from date '2026-01-01')`],
  ['count', 'count(*) over (partition by #)'],
  ['max', 'max(r.i) over (partition by #)'],
  ['coalesce', 'coalesce(r.i, 1) - r.i'],
  ['coalesce', 'coalesce(null, 1)'],
  ['nullif', 'nullif(1, 2)'],
  ['greatest', 'greatest(1, 2)'],
  ['array', 'array[1]'],
  ['array', 'array(select 1)'],
  ['array', '(array[1])[1]'],
  ['row', 'row(1)'],
  ['exists', 'exists (select 1)'],
  ['case', 'case when r.i > 99 then 1 end'],
  ['case', 'case when r.i > 99 then 1 else 2 end'],
  ['json_value', `json_value(jsonb '1', '$')`],
  ['current_catalog', 'current_catalog'],
]

/** Expressions that are called as a column, and are something else. */
const calledAs = (name: string): readonly string[] => [
  `(select 1 as "${name}")`,
  `(select r.i % 1 as "${name}")`,
  `(select 1 as "${name}")::int`,
  `case when true then 1 else r."${name}" end`,
  `(array[1, 2])[1] as "${name}"`,
  `1 as "${name}"`,
  `r.t as "${name}"`,
  `r.i as "${name}"`,
]

/**
 * The first of the rows that are alike, in a column by its name: the name may mean another output.
 * By all of its columns it is told which is the first.
 */
export function firstRows(pen: Pen): OpenRows {
  const { random } = pen
  if (pen.isLive && random.chance(0.12)) return ofView(pen)
  const [figure, expression] = random.pick(figured)
  const name = random.pick([figure, figure, 'tenant_id', 'id', 'x'])
  const { from, whose } = namedRows(pen, 'r', name)
  const known = [`r."${name}"`, 'r.t as x1', 'r.i as n', `'x' as x1`]
  const others = name === figure ? [expression] : calledAs(name)
  const isNamed = random.chance(pen.isCareful ? 0.8 : 0.5)
  const other = random
    .pick(isNamed ? known : [...others, expression])
    .replaceAll('#', `r."${name}"`)
  const [by, construct] = random.pick([
    [`"${name}"`, 'DISTINCT ON the name of a column'],
    [`"${name}"`, 'DISTINCT ON the name of a column'],
    [`"${name}"`, 'DISTINCT ON the name of a column'],
    [`r."${name}"`, 'DISTINCT ON a column with its relation'],
    [whose, 'DISTINCT ON the name of an output'],
    ['2', 'DISTINCT ON an output by its place'],
  ] as const)
  pen.uses(construct)
  const select = (on: string, order: string): string =>
    `select distinct on (${on}) ${other}, r."${name}" as ${whose}, r.i as i, r.t as t from ${from}${order}`
  const more = random.pick(['', '', '', ', r.t', ', 3', ', i'])
  const end = random.pick(['', ' desc'])
  return {
    text: pen.choose([
      () => select(`${by}${more}`, ` order by ${by}${more}, 2${end}, 3${end}, 4, 1`),
      () => select(`${by}${more}`, ` order by ${by}${more}, 2${end}, 3${end}, 4, 1`),
      () => {
        pen.uses('DISTINCT ON without ORDER BY')
        return select(`${by}, 3, r.t, 1`, '')
      },
    ]),
    whose: [whose],
  }
}

function ofView(pen: Pen): OpenRows {
  pen.uses('DISTINCT ON in a view')
  const views = ['latest', 'latest', 'swapped']
  const view = pen.random.pick(pen.isCareful ? views : [...views, 'figured', 'crossed'])
  return { text: `select o, i, t from ${view}`, whose: ['o'] }
}
