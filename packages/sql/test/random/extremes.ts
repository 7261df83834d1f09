import type { Pen } from './pen.ts'
import { int, type Query, text } from './relations.ts'

/** Rows whose owner is the least or the greatest of some, or that of a row that may not be there. */
export function extremesQuery(pen: Pen): Query {
  const { random } = pen
  const [table, t] = random.pick([
    ['users', 'name'],
    ['posts', 'title'],
    ['tags', 'label'],
  ] as const)
  const isOwn = pen.isCareful || random.chance(0.7)
  const own = isOwn ? `a.tenant_id = ${pen.tenant('int')}` : 'a.tenant_id > 1'
  const some = random.chance(0.5) ? '' : ` and a.id > ${random.below(5)}`
  const rows = `from ${table} as a where ${own}${some}`
  const extreme = random.pick(['min', 'max'])
  const least = (inner: string) => (): string => {
    pen.uses('least and greatest owner')
    return inner
  }
  const perhaps = (inner: string) => (): string => {
    pen.uses('owner that may be NULL')
    return inner
  }
  const values = `${extreme}(a.${t}) as t, ${extreme}(a.tenant_id)`
  const ways = [
    least(`select count(*)::int as i, ${values} as o ${rows}`),
    least(`select a.id as i, ${values} as o ${rows} group by a.id`),
    least(`select max(a.id) as i, ${values} filter (where a.id > 1) as o ${rows}`),
    least(
      `select a.id as i, a.${t} as t, ${extreme}(a.tenant_id) over (order by a.id, a.${t}) as o ${rows}`,
    ),
    least(`select a.id as i, ${values} as o ${rows} group by grouping sets ((a.id), ())`),
    least(
      `select max(q.i) as i, max(q.t) as t, min(q.o) as o from (select a.id as i, a.${t} as t, a.tenant_id as o ${rows}) as q`,
    ),
    perhaps(
      `select max(a.id) as i, max(a.${t}) as t, a.tenant_id as o ${rows} group by rollup (a.tenant_id)`,
    ),
    perhaps(
      `select c.id as i, a.${t} as t, a.tenant_id as o from countries as c left join ${table} as a on a.id = c.id and ${own}`,
    ),
    perhaps(
      `select c.id as i, max(a.${t}) as t, max(a.tenant_id) as o from countries as c left join ${table} as a on a.id = c.id and ${own} group by c.id`,
    ),
  ]
  const others = [
    least(
      `select count(*)::int as i, max(a.${t}) as t, max(a.tenant_id) filter (where ${own}) as o from ${table} as a`,
    ),
    least(`select count(*)::int as i, max(a.${t}) as t, max(a.tenant_id) - 1 as o ${rows}`),
    least(
      `select count(*)::int as i, max(a.${t}) as t, max(a.tenant_id) as o from ${table} as a having bool_and(${own})`,
    ),
    perhaps(
      `select c.id as i, a.${t} as t, a.tenant_id as o from ${table} as a left join countries as c on a.id = c.id and ${own}`,
    ),
    perhaps(
      `select c.id as i, a.${t} as t, a.tenant_id as o from countries as c full join ${table} as a on a.id = c.id and ${own}`,
    ),
  ]
  const inner = pen.choose(pen.isCareful ? ways : [...ways, ...others])
  return { text: inner, columns: [int('i'), text('t'), int('o')], owner: int('o') }
}
