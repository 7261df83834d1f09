import { keyedQuery } from './keyed.ts'
import type { Pen } from './pen.ts'
import { type Column, int, targets, text, textOf } from './relations.ts'

/** A query, behind queries of WITH that it may read. */
export function queryWith(pen: Pen): string {
  const { random } = pen
  if (!random.chance(0.4)) return pen.queries.any(pen, 3, []).text
  const defined: string[] = []
  for (let count = 1 + random.below(2); count > 0; count -= 1) {
    const kind = random.below(6)
    if (kind === 0) defined.push(writing(pen))
    else if (kind === 1) defined.push(recursive(pen))
    else defined.push(reading(pen))
  }
  return `with recursive ${defined.join(', ')} ${pen.queries.any(pen, 2, []).text}`
}

const isOwn = (pen: Pen): boolean => pen.isCareful || pen.random.chance(0.7)

function define(pen: Pen, columns: readonly Column[], owner?: Column, table?: string): string {
  const name = `c${pen.ctes.length + 1}`
  const rest = {
    ...(owner === undefined ? {} : { owner }),
    ...(table === undefined ? {} : { table }),
  }
  pen.ctes.push({ name, columns, ...rest })
  return name
}

function reading(pen: Pen): string {
  const isKeyed = pen.isLive && pen.random.chance(0.2)
  const inner = isKeyed ? keyedQuery(pen) : pen.queries.any(pen, 2, [])
  pen.uses('WITH')
  const how = pen.random.pick(['', '', 'materialized ', 'not materialized '])
  if (how !== '') pen.uses('materialized WITH')
  const name = define(pen, inner.columns, inner.owner, inner.table)
  if (!pen.random.chance(0.25)) return `${name} as ${how}(${inner.text})`
  pen.uses('column aliases')
  return `${name}(${inner.columns.map((column) => column.name).join(', ')}) as ${how}(${inner.text})`
}

/** What a write returns, to be read by what follows; never more than the write has proved. */
function writing(pen: Pen): string {
  const { random } = pen
  pen.uses('write in WITH')
  const table = random.pick(targets)
  const t = textOf[table]
  const tenant = (): string => pen.tenant('int')
  const where = (): string =>
    `where ${isOwn(pen) ? `tenant_id = ${tenant()}` : 'id > 0'} and id <= ${pen.number(2)}`
  const of = random.chance(0.3) ? 'old.' : ''
  const insert = (): string =>
    `insert into ${table} (id, tenant_id, ${t}) values (${60 + random.below(9)}, ${tenant()}, 'made') returning id as i, ${t} as t, tenant_id as o`
  const isFirst = !pen.changed.has(table) && !pen.locked.has(table)
  const change = (write: () => string) => (): string => {
    if (!isFirst) return insert()
    pen.changed.add(table)
    return write()
  }
  const write = pen.choose([
    insert,
    change(
      () =>
        `update ${table} set ${t} = ${t} || '!' ${where()} returning ${of}id as i, ${of}${t} as t, ${of}tenant_id as o`,
    ),
    change(
      () =>
        `delete from ${table} ${where()} returning ${of}id as i, ${of}${t} as t, ${of}tenant_id as o`,
    ),
  ])
  const o = int('o')
  return `${define(pen, [int('i'), text('t'), o], o)} as (${write})`
}

function recursive(pen: Pen): string {
  const { random } = pen
  pen.uses('recursive WITH')
  const own = (): string => (isOwn(pen) ? `u.tenant_id = ${pen.tenant('int')}` : 'u.id > 0')
  const extra = random.pick(['search', 'cycle', '', '', ''])
  const name = `c${pen.ctes.length + 1}`
  const start = `${own()}${random.pick(['', ' and u.boss_id is null'])}`
  const step = random.pick([
    'n.tenant_id = t.o',
    'n.tenant_id = 2',
    isOwn(pen) ? 't.o = n.tenant_id' : 'n.id > 0',
  ])
  const out = random.pick(['n.tenant_id', 'n.tenant_id', 't.o', 't.o', 'n.id'])
  const union = extra === '' && random.chance(0.5) ? 'union' : 'union all'
  // An end to every walk: a boss may be one's own in some world.
  const end = union === 'union' ? '' : ' where t.d < 4'
  const depth = (value: string): string => (union === 'union' ? '' : `, ${value} as d`)
  const rest: Column[] = union === 'union' ? [] : [int('d')]
  const o = int('o')
  let tail = ''
  if (extra === 'search') {
    pen.uses('SEARCH')
    tail = ` search ${random.pick(['depth', 'breadth'])} first by i set ord`
  }
  if (extra === 'cycle') {
    pen.uses('CYCLE')
    tail = ' cycle i set looped using path'
  }
  define(pen, [int('i'), text('t'), o, ...rest], o)
  return `${name} as (select u.id as i, u.name as t, u.tenant_id as o${depth('0')} from users as u where ${start} ${union} select n.id, n.name, ${out}${depth('t.d + 1')} from users as n join ${name} as t on n.boss_id = t.i and ${step}${end})${tail}`
}

/** Writes whose rows later writes take up. */
export function chain(pen: Pen): string {
  const { random } = pen
  pen.uses('writes one after another in WITH')
  const tenant = (): string => pen.tenant('int')
  const where = (): string => (isOwn(pen) ? `tenant_id = ${tenant()}` : 'tenant_id < 9')
  return pen.choose([
    () =>
      `with gone as (delete from tags where ${where()} returning id, tenant_id, label) insert into posts (id, tenant_id, title) select id + 800, ${random.pick(['tenant_id', '2', 'id'])}, label from gone returning id`,
    () =>
      `with made as (insert into users (id, tenant_id, name) values (70, ${tenant()}, 'made') returning id, tenant_id), more as (insert into posts (id, tenant_id, user_id) select id + 1, tenant_id, id from made returning id, tenant_id, user_id) select more.id, made.tenant_id from made join more on more.user_id = made.id`,
    () =>
      `with moved as (update posts set score = coalesce(score, 0) + 1 where ${where()} returning id, tenant_id), kept as (select id from moved where id > 1) update tags set label = 'seen' where tenant_id = ${tenant()} and post_id in (select id from kept) returning id, label`,
    () =>
      `with gone as (delete from tags where ${where()} and id < 3 returning post_id, tenant_id) update posts as p set score = 1 from (select distinct post_id, tenant_id from gone) as g where p.id = g.post_id and p.tenant_id = g.tenant_id returning p.id`,
    () =>
      `with made as (insert into folders values (2077, ${tenant()}, 'made') returning key) insert into pages (id, folder_key) select 1, key from made returning id`,
    () =>
      `with gone as (delete from posts where ${where()} returning *), counted as (select count(*)::int as n from gone) insert into tags (id, tenant_id, post_id) select 90, ${tenant()}, n from counted returning post_id`,
  ])
}
