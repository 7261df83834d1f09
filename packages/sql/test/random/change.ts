import { confine } from './confine.ts'
import { from } from './from.ts'
import type { Pen } from './pen.ts'
import { predicate } from './predicate.ts'
import { tableSource, targets, textOf } from './relations.ts'

export function update(pen: Pen): string {
  const { random } = pen
  const table = random.pick(targets)
  const self = tableSource(table)
  pen.changed.add(table)
  if (random.chance(0.4)) {
    pen.uses('UPDATE FROM')
    const { text: source, sources, wanted } = from(pen, 1, [])
    const conditions = [
      confine(pen, self, sources),
      ...wanted,
      predicate(pen, [self, ...sources], [], 1),
    ]
    return `update ${table} set ${changes(pen, table)} from ${source} where ${said(conditions)}${returning(pen, table)}`
  }
  pen.uses('UPDATE')
  const conditions = [confine(pen, self, []), predicate(pen, [self], [], 2)]
  return `update ${table} set ${changes(pen, table)} where ${said(conditions)}${returning(pen, table)}`
}

const said = (conditions: readonly (string | undefined)[]): string =>
  conditions.filter((each) => each !== undefined).join(' and ') || 'true'

/** What is set depends on the row alone, or on queries: which row of FROM is met first is open. */
function changes(pen: Pen, table: (typeof targets)[number]): string {
  const t = textOf[table]
  const self = tableSource(table)
  const q = pen.alias()
  return pen.choose([
    () => `id = ${table}.id`,
    () => `id = ${table}.id + 0, ${t} = ${table}.${t} || '!'`,
    () => `${t} = 'changed' || ${table}.id`,
    () => `tenant_id = ${pen.tenant('int')}, ${t} = default`,
    () => `tenant_id = ${table}.tenant_id`,
    () => `${t} = (select max(${q}.t) from (${pen.queries.any(pen, 1, [self]).text}) as ${q})`,
    () => {
      pen.uses('columns set from a query')
      return `(${t}, id) = (select max(${q}.t), ${table}.id from (${pen.queries.any(pen, 1, [self]).text}) as ${q})`
    },
  ])
}

function returning(pen: Pen, table: string): string {
  return pen.choose([
    () => '',
    () => ` returning ${table}.*`,
    () => ` returning ${table}.id, ${table}.tenant_id`,
    () => {
      pen.uses('RETURNING old and new')
      return ' returning old.id, new.id, old.tenant_id'
    },
    () => {
      pen.uses('RETURNING old and new')
      pen.uses('query in RETURNING')
      const row = pen.random.pick(['o', 'n', table])
      return ` returning with (old as o, new as n) o.id, (select count(*) from posts as p where p.tenant_id = ${row}.tenant_id)`
    },
  ])
}

export function remove(pen: Pen): string {
  const { random } = pen
  const table = random.pick(targets)
  const self = tableSource(table)
  pen.changed.add(table)
  if (random.chance(0.4)) {
    pen.uses('DELETE USING')
    const { text: source, sources, wanted } = from(pen, 1, [])
    return `delete from ${table} using ${source} where ${said([confine(pen, self, sources), ...wanted])}${returning(pen, table)}`
  }
  pen.uses('DELETE')
  const conditions = [confine(pen, self, []), predicate(pen, [self], [], 2)]
  return `delete from ${table} where ${said(conditions)}${returning(pen, table)}`
}

/** Rows found first, and written by where they lie or by their key. */
export function byPlace(pen: Pen): string {
  const { random } = pen
  const own = (): string => `tenant_id = ${pen.tenant('int')}`
  const where = (): string => (pen.isCareful || random.chance(0.7) ? own() : 'tenant_id < 9')
  const lock = random.pick([
    '',
    ' for update',
    ' for update skip locked',
    ' for update skip locked',
  ])
  if (lock.endsWith('locked')) pen.uses('queue with SKIP LOCKED')
  // PostgreSQL may run a query in IN once for each row, and then LIMIT takes others than were locked
  // and changed before.
  const [one, two] = lock === '' ? ['in ', 'in '] : ['= ', '= any (array']
  return pen.choose([
    () => {
      const table = random.pick(targets)
      pen.uses('rows by where they are stored')
      return `delete from ${table} where ${own()} and ctid in (select ctid from ${table} where ${where()} and id < 3) returning id`
    },
    () =>
      `update folders set name = 'z' where key ${one}(select key from folders where ${where()} order by key limit 1${lock}) returning key, name`,
    () =>
      `update posts set score = 0 where ${own()} and id ${two}(select id from posts where ${where()} order by id, tenant_id limit 2${lock})${two.endsWith('array') ? ')' : ''} returning id`,
    () =>
      `with q as materialized (select key from folders where ${where()} order by key limit 1${lock}) delete from folders using q where folders.key = q.key returning folders.key`,
    () =>
      `delete from tags where ${where()} and id in (select id from tags where ${own()}${lock}) returning id`,
  ])
}

export function merge(pen: Pen): string {
  const { random } = pen
  pen.uses('MERGE')
  const table = random.pick(targets)
  pen.changed.add(table)
  const t = textOf[table]
  const inner = pen.queries.any(pen, 1, [])
  const on = [
    pen.isCareful || random.chance(0.8) ? `${table}.tenant_id = ${pen.tenant('int')}` : 'true',
    random.chance(0.2) ? `s.i = 2` : `${table}.id = s.i`,
  ]
  const arms = [
    `when matched${random.chance(0.3) ? ' and s.i > 1' : ''} then ${random.pick(['do nothing', `update set ${t} = 'merged'`, 'delete', `update set ${t} = ${table}.${t} || s.i`])}`,
  ]
  if (random.chance(0.5)) {
    pen.uses('MERGE with INSERT')
    const isOwned = inner.columns[2]?.type === 'int' && random.chance(0.3)
    const owner = (): string => (isOwned ? 's.o' : pen.typedTenant('int'))
    arms.push(
      pen.choose([
        () => 'when not matched then do nothing',
        () =>
          `when not matched and s.i > 0 then insert (id, tenant_id, ${t}) values (s.i + 700, ${owner()}, s.t)`,
        () => `when not matched then insert (id, tenant_id) values (s.i + 700, ${owner()})`,
      ]),
    )
  }
  const returned = pen.choose([
    () => '',
    () => {
      pen.uses('MERGE with RETURNING')
      return ` returning merge_action(), ${table}.id`
    },
    () => {
      pen.uses('MERGE with RETURNING')
      return ` returning ${table}.id, s.i`
    },
  ])
  return `merge into ${table} using (select distinct ${inner.columns.map(({ name }) => `m.${name}`).join(', ')} from (${inner.text}) as m) as s on ${on.join(' and ')} ${arms.join(' ')}${returned}`
}

/** Rows of all tenants that the schema lets everybody write, from what the tenant may read. */
export function writeGlobal(pen: Pen): string {
  pen.uses('write of a global table')
  const q = pen.alias()
  const most = (): string =>
    `(select max(${q}.t) from (${pen.queries.any(pen, 1, []).text}) as ${q})`
  return pen.choose([
    () => `update settings set value = ${most()} where name = 'a' returning name, value`,
    () => `insert into settings (name, value) values ('c', ${most()}) returning *`,
    () =>
      `insert into settings (name, value) values ('a', ${most()}) on conflict (name) do update set value = excluded.value returning old.value, new.value`,
    () =>
      `insert into settings (name, level) select 'd', count(*)::int from (${pen.queries.any(pen, 2, []).text}) as ${q} on conflict do nothing returning level`,
    () => `delete from settings where level > coalesce(length(${most()}), 0) returning name`,
  ])
}
