import type { OpenRows } from './open-rows.ts'
import type { Pen } from './pen.ts'

/** Rows put together by the column that says whose they are, or by another one. */
export function groupedRows(pen: Pen): OpenRows {
  const { random } = pen
  const isKeyed = pen.isLive && random.chance(0.6)
  const [table, key, t] = isKeyed
    ? (['pages', 'folder_key', 'body'] as const)
    : random.pick([
        ['posts', 'tenant_id', 'title'] as const,
        ['users', 'tenant_id', 'name'] as const,
        ['tags', 'tenant_id', 'label'] as const,
      ])
  const as = isKeyed ? 'k' : 'o'
  const rows = `from ${table} as a`
  const k = `a.${key} as ${as}`
  const same = `w.${key} = a.${key}`
  const plain = `select ${k}, a.id as i, a.${t} as t ${rows}`
  const counted = random.pick([
    'count(*)::int',
    'sum(a.id)::int',
    '(array_agg(a.id order by a.id))[1]',
    'cardinality(array_agg(distinct a.id))',
    'max(a.id)',
  ])
  const told = random.pick([`max(a.${t})`, `string_agg(a.${t}, ',' order by a.${t})`, `'x'`])
  const groups = `select ${k}, ${counted} as i, ${told} as t ${rows}`
  const holding = [
    () => {
      pen.uses('groups joined by their key')
      return `${groups} group by a.${key}`
    },
    () => {
      pen.uses('groups joined by their key')
      return `${groups} group by 1, a.id`
    },
    () => {
      pen.uses('HAVING in rows of everybody')
      const having = random.pick([
        'count(*) > 1',
        `exists (select 1 from ${table} as w where ${same} and w.id > 1)`,
        `a.${key} in (select w.${key} from ${table} as w where w.id > 1)`,
        `max(a.id) >= (select min(w.id) from ${table} as w where ${same})`,
      ])
      return `${groups} group by a.${key} having ${having}`
    },
    () => {
      pen.uses('DISTINCT in rows of everybody')
      return `select distinct ${k}, a.id as i, a.${t} as t ${rows}`
    },
    () => {
      pen.uses('LATERAL in rows of everybody')
      const beside = random.pick([
        `select count(*)::int as n from ${table} as w where ${same}`,
        `select w.id as n from ${table} as w where ${same} order by w.id desc, w.${t} limit 1`,
        `select distinct w.id as n from ${table} as w where ${same}`,
      ])
      return `select ${k}, x.n as i, a.${t} as t ${rows} ${random.pick(['cross join', 'left join'])} lateral (${beside}) as x`.replace(
        /(left join .*)$/s,
        '$1 on true',
      )
    },
    () => {
      pen.uses('query about each row of everybody')
      return `select ${k}, (select count(*)::int from ${table} as w where ${same} and w.id >= a.id) as i, a.${t} as t ${rows}`
    },
    () => {
      pen.uses('window in rows of everybody')
      const n = `row_number() over (partition by a.${key} order by a.id, a.${t})`
      return random.pick([
        `select ${k}, (${n})::int as i, a.${t} as t ${rows}`,
        `select w.${as}, w.i, w.t from (select ${k}, a.id as i, a.${t} as t, ${n} as n ${rows}) as w where w.n = 1`,
        `select ${k}, (sum(count(*)) over (partition by a.${key}))::int as i, a.${t} as t ${rows} group by a.${key}, a.${t}`,
      ])
    },
    () => {
      const w = `${table} as w on ${same}`
      return `select ${k}, count(w.id)::int as i, max(w.${t}) as t ${rows} ${random.pick(['left join', 'join', 'right join', 'full join'])} ${w} group by a.${key}`
    },
    () =>
      `select w.${as}, sum(w.i)::int as i, max(w.t) as t from (${groups} group by a.${key}, a.id) as w group by w.${as}`,
    () =>
      `select ${as}, i, t from (${plain} except select ${k}, a.id, a.${t} ${rows} where a.id > 1) as w`,
  ]
  const leaking = [
    () => `${plain} order by a.${key} desc, a.id, a.${t} limit 2`,
    () => `${plain} order by a.${key}, a.id, a.${t} offset 1`,
    () => `${groups} group by a.${key} order by a.${key} limit 1`,
    () => `${plain} order by a.${key} for update`,
    () => `select min(a.${key}) as ${as}, count(*)::int as i, a.${t} as t ${rows} group by a.${t}`,
    () => `${groups} group by a.${key} having count(*) >= (select count(*) from ${table} as w) / 4`,
    () => `${groups} group by rollup (a.${key})`,
    () => `${groups} group by a.${key} having max(a.id) = (select max(w.id) from ${table} as w)`,
    () => `select ${k}, (count(*) over (partition by a.${t}))::int as i, a.${t} as t ${rows}`,
    () => `select ${k}, (sum(count(*)) over ())::int as i, 'x' as t ${rows} group by a.${key}`,
    () =>
      `select ${k}, x.n as i, a.${t} as t ${rows} cross join lateral (select count(*)::int as n from ${table} as w where w.id >= a.id) as x`,
    () => `select distinct on (a.${t}) ${k}, a.id as i, a.${t} as t ${rows} order by a.${t}, 1, 2`,
    () => `select max(a.${key}) as ${as}, count(*)::int as i, 'x' as t ${rows}`,
    () => `select * from (${plain} order by a.${key}, a.id, a.${t} limit 3) as w where w.i > 0`,
    () => `${plain} union all select w.${key} - 1, w.id, w.${t} from ${table} as w`,
  ]
  const isHolding = pen.isCareful || random.chance(0.45)
  return { text: pen.choose(isHolding ? holding : leaking), whose: [as] }
}
