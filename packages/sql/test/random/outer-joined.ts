import type { Pen } from './pen.ts'
import { targets, textOf } from './relations.ts'

/** What a join may give no row of, as `u`, and what it says of it. */
interface Nullable {
  readonly table: string
  /** Without the join in front of it. */
  readonly on: string
  readonly confined: string
  readonly key: string
}

/**
 * Queries that go on from the nullable side of an outer join: where there is no row its columns are
 * NULL, and what the join said holds of nothing else.
 */
export function outerJoined(pen: Pen): string {
  const { random } = pen
  const isKeyed = pen.isLive && random.chance(0.35)
  const nullable = isKeyed ? ofFolders(pen) : ofOwners(pen)
  const { table, on, confined, key } = nullable
  const left = leftSide(pen)
  const within = confined.includes('c.') ? 'true' : confined.replaceAll('u.', 'u0.')
  const side = pen.choose([
    () => `${left} left join ${table} as u on ${confined} and ${on}`,
    () => `${left} left join ${table} as u on ${on} and ${confined}`,
    () => `${table} as u right join ${left} on ${on} and ${confined}`,
    () =>
      `${left} left join (select * from ${table} as u0 where ${within}) as u on ${confined} and ${on}`,
    () => {
      pen.uses('query about a nullable side within a nullable side')
      return `${left} left join countries as m on m.id = c.id left join ${table} as u on m.id is not null and ${confined} and ${on}`
    },
  ])
  const from = !pen.isCareful && random.chance(0.1) ? side.replace('left join', 'full join') : side
  return asking(pen, from, key)
}

function leftSide(pen: Pen): string {
  return pen.random.pick([
    'countries as c',
    'countries as c',
    '(values (1), (2), (99)) as c (id)',
    'generate_series(1, 3) as c (id)',
    '(select x.id from countries as x where x.id > 1) as c',
  ])
}

function ofOwners(pen: Pen): Nullable {
  const { random } = pen
  const tenant = pen.typedTenant('int')
  const holding = [`u.tenant_id = ${tenant}`, `${tenant} = u.tenant_id`]
  // What it says of the row beside it is true of that row only where there is one.
  const others = [
    `u.tenant_id = c.id and c.id = ${tenant}`,
    `c.id = ${tenant} and c.id = u.tenant_id`,
    `u.tenant_id = ${tenant} and u.tenant_id = c.id`,
  ]
  return {
    table: random.pick(targets),
    confined: random.pick(random.chance(pen.isCareful ? 0.8 : 0.4) ? holding : others),
    on: random.pick(['u.id = c.id', 'u.id > c.id', 'u.id = c.id and u.id > 1', 'c.id = 7']),
    key: 'tenant_id',
  }
}

function ofFolders(pen: Pen): Nullable {
  const { random } = pen
  const confined = `u.tenant_id = ${pen.typedTenant('int')}`
  const on = random.pick(['u.key = c.id + 2000', 'u.key > c.id', 'c.id = u.tenant_id', 'c.id = 7'])
  return { table: 'folders', on, confined, key: 'key' }
}

/** A query that says whose rows it asks for by a column of what was joined. */
function asking(pen: Pen, from: string, key: string): string {
  const { random } = pen
  const isKeyed = key === 'key'
  const table = isKeyed ? 'pages' : random.pick(targets)
  const column = isKeyed ? 'folder_key' : 'tenant_id'
  const t = isKeyed ? 'body' : textOf[table as (typeof targets)[number]]
  const near = (z: string): string => {
    const own = `${z}.${column}`
    const holding = [
      () => `${own} = u.${key}`,
      () => `u.${key} = ${own}`,
      () => `(${own}, 1) = (u.${key}, 1)`,
    ]
    const others = [
      () => `${own} = c.id`,
      () => `${own} = c.id`,
      () => `c.id = ${own}`,
      () => `c.id = ${own}`,
      () => `${own} = coalesce(u.${key}, c.id)`,
      () => `(${own} = u.${key} or u.${key} is null)`,
      () => `${own} = u.${key} + 0`,
      () => `${own} is not distinct from u.${key}`,
      () => `u.tenant_id = ${pen.typedTenant('int')}`,
    ]
    return pen.choose(pen.isCareful ? holding : [...holding, ...others])
  }
  const more = (z: string): string =>
    random.pick(['', '', ` and ${z}.id > 1`, ` and ${z}.id >= c.id`])
  const where = (z: string): string => `from ${table} as ${z} where ${near(z)}${more(z)}`
  const count = (): string => `(select count(*)::int ${where('z')})`
  const found = (z = 'z'): string => `exists (select 1 ${where(z)})`
  const all = `select c.id, u.${key}`
  return pen.choose([
    () => {
      pen.uses('query about a nullable side')
      return `${all}, ${count()} from ${from}`
    },
    () => {
      pen.uses('query about a nullable side')
      return `${all}, (select string_agg(z.${t}, ',' order by z.${t}) ${where('z')}) from ${from}`
    },
    () => {
      pen.uses('query about a nullable side in WHERE')
      return `${all} from ${from} where ${random.pick(['', 'not ', 'c.id = 1 or '])}${found()}`
    },
    () => {
      pen.uses('query about a nullable side in WHERE')
      return `${all} from ${from} where (c.id, u.${key}) in (select z.id, z.${column} ${where('z')})`
    },
    () => {
      pen.uses('LATERAL about a nullable side')
      const [kind, on] = random.pick([
        ['cross join', ''],
        ['left join', ' on true'],
        ['left join', ' on x.id > c.id'],
      ])
      return `${all}, x.id, x.t from ${from} ${kind} lateral (select z.id, z.${t} as t ${where('z')} ${random.pick(['', 'order by z.id, 2 limit 1'])}) as x${on}`
    },
    () => {
      pen.uses('query about a nullable side in ON')
      return `${all}, d.name from ${from} left join countries as d on d.id = u.tenant_id and ${random.chance(0.5) ? found() : `${count()} > 0`}`
    },
    () => {
      pen.uses('table joined with a nullable side')
      const kind = random.pick(
        pen.isCareful ? ['left join', 'join'] : ['left join', 'join', 'right join', 'full join'],
      )
      return `${all}, z.id, ${found('y')} from ${from} ${kind} ${table} as z on ${near('z')}${more('z')}`
    },
    () => {
      pen.uses('query about a nullable side, summed')
      const rows = random.pick([' group by c.id', '', ''])
      return `select ${rows === '' ? 'count(*)' : 'c.id'}, sum(${count()}), bool_or(${found()}) from ${from}${rows}`
    },
    () => {
      pen.uses('query about a nullable side in HAVING')
      return `select c.id, u.${key}, count(*) from ${from} group by c.id, u.${key}, u.tenant_id having ${random.pick(['', 'not '])}${found()}`
    },
    () => {
      pen.uses('query about a nullable side of a derived table')
      const own = random.chance(0.8) ? ` where u.o = ${pen.typedTenant('int')}` : ''
      return `select u.id, u.${key}, ${count().replaceAll('c.id', 'u.id').replaceAll('u.tenant_id', 'u.o')} from (select c.id, u.${key}, u.tenant_id as o from ${from}) as u${own}`
    },
    () => `${all} from ${from} order by ${count()}, c.id, u.${key} limit 2`,
    () => `select c.id, (select max(y.n) from (select ${count()} as n) as y) from ${from}`,
  ])
}
