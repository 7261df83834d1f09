import { key } from '../world.ts'
import type { Pen } from './pen.ts'

/** Lists that are mostly of one length, and mostly of the tenant alone. */
export function unnested(pen: Pen): string {
  const { random } = pen
  pen.uses('several arrays unnested')
  const ids = random.pick([[1], [1, 2], [2, 3, 500], []])
  const many = (value: number | string): (number | string)[] => ids.map(() => value)
  const isOwn = pen.isCareful || random.chance(0.8)
  const lists = {
    ids: pen.bind(pen.isCareful || random.chance(0.8) ? ids : [...ids, 3, 501]),
    tenants: pen.bind(isOwn ? many(key) : [...many(key).slice(1), 1]),
    texts: pen.bind(many(random.pick(['new', 'Ann']))),
  }
  // The types are written out: nothing else tells them.
  const arrays = `unnest(${lists.ids}::int4[], ${lists.tenants}::int4[], ${lists.texts}::text[])`
  return pen.choose([() => inserted(pen, arrays), () => compared(pen, arrays)])
}

function inserted(pen: Pen, arrays: string): string {
  pen.uses('INSERT of arrays')
  const [table, text] = pen.random.pick([
    ['users', 'name'],
    ['posts', 'title'],
    ['tags', 'label'],
    ['roles', 'name'],
  ] as const)
  const into = `insert into ${table} (id, tenant_id, ${text})`
  const keyed = table === 'users' || table === 'posts'
  const after = pen.random.pick([
    '',
    ' returning id, tenant_id',
    keyed
      ? ` on conflict (tenant_id, id) do update set ${text} = excluded.${text} returning id`
      : '',
  ])
  return pen.choose([
    () => `${into} select * from ${arrays}${after}`,
    () => `${into} select u.i, u.o, u.t from ${arrays} with ordinality as u (i, o, t, n)${after}`,
    () => `${into} select i, o, t from (select * from ${arrays} u (i, o, t) where i > 1) q${after}`,
    () => `with q as (select * from ${arrays} u (i, o, t)) ${into} select * from q${after}`,
    () =>
      `${into} select p.id, u.o, u.t from posts p left join ${arrays} u (i, o, t) on u.i = p.id where p.tenant_id = ${pen.tenant('int')}`,
    () =>
      `${into} select p.id, u.o, u.t from ${arrays} u (i, o, t) left join posts p on u.i = p.id and u.o = p.tenant_id`,
  ])
}

function compared(pen: Pen, arrays: string): string {
  pen.uses('rows of arrays')
  const { random } = pen
  const [one, two] = random.pick([
    ['tags', 'posts'],
    ['posts', 'users'],
  ] as const)
  const kind = random.pick(['join', 'join', 'left join', 'right join', 'full join'])
  const on = `u.o = x.tenant_id${random.chance(0.5) ? ' and u.i = x.id' : ''}`
  return pen.choose([
    () => `select x.id, u.t from ${one} x ${kind} ${arrays} u (i, o, t) on ${on}`,
    () => `select x.id, u.t from ${arrays} u (i, o, t) ${kind} ${one} x on ${on}`,
    () =>
      `select x.id, y.id from ${one} x join ${two} y on y.tenant_id = x.tenant_id, ${arrays} u (i, o, t) where ${on}`,
    () =>
      `select u.i, (select count(*) from ${one} x where ${on}) from ${arrays} u (i, o, t) where u.i < 4`,
    () => {
      pen.uses('write by rows of arrays')
      return `update tags x set label = u.t from ${arrays} u (i, o, t) where ${on} returning x.id`
    },
    () => {
      pen.uses('write by rows of arrays')
      return `delete from tags x using ${arrays} u (i, o, t) where ${on} returning x.id`
    },
    () => {
      pen.uses('write by rows of arrays')
      return `merge into tags x using (select distinct on (i) i, o, t from ${arrays} v (i, o, t) order by i, t) u on ${on} and u.i = x.id when matched then update set label = u.t when not matched then insert (id, tenant_id) values (u.i, u.o)`
    },
  ])
}
