import { firstRows } from './distinct-on.ts'
import { groupedRows } from './grouped-rows.ts'
import { halfRows, type OpenRows, plainRows, type Whose } from './open-rows.ts'
import type { Pen } from './pen.ts'
import { pairedRows } from './two-rows.ts'

/** Rows of everybody in a query of FROM, as `q`, and a row of the tenant's beside them, as `f`. */
interface Rows {
  /** What the statement begins with. */
  readonly before: string
  readonly rows: string
  readonly whose: readonly Whose[]
  /** The table that `f` is of, its owner, and its column of the key that `q` has. */
  readonly table: string
  readonly key: string
}

/** A statement in which rows of everybody are confined by nothing but what stands above them. */
export function filtered(pen: Pen): string {
  const { random } = pen
  // NULLs show where IN means more than that it is true.
  const isHalf = random.chance(pen.isCareful ? 0.1 : 0.3)
  const tell = isHalf ? compared : above
  const way = random.pick([
    firstRows,
    firstRows,
    pairedRows,
    pairedRows,
    groupedRows,
    groupedRows,
    plainRows,
  ])
  const { text, whose } = isHalf ? halfRows(pen) : between(pen, way(pen))
  const isKeyed = whose.includes('k')
  const table = isKeyed ? 'folders' : random.pick(['users', 'posts', 'folders'])
  const key = isKeyed ? 'key' : 'tenant_id'
  const of = { whose, table, key }
  if (!random.chance(0.2)) return tell(pen, { before: '', rows: `(${text}) as q`, ...of })
  pen.uses('rows of everybody in WITH')
  const how = random.pick(['', 'materialized ', 'not materialized '])
  return tell(pen, { before: `with e as ${how}(${text}) `, rows: 'e as q', ...of })
}

/** Whatever may stand between the rows and the filter. */
function between(pen: Pen, { text, whose }: OpenRows): OpenRows {
  const { random } = pen
  const all = `w.i, w.t, ${whose.map((each) => `w.${each}`).join(', ')}`
  const rows = `from (${text}) as w`
  const ways = [
    text,
    text,
    text,
    `select ${all} ${rows} where w.i > 0`,
    `select * ${rows}`,
    `select distinct ${all} ${rows}`,
    `select ${all} ${rows} join countries as c on c.id = w.i`,
  ]
  const cuts = [
    `select ${all} ${rows} order by ${all} limit 2`,
    `select ${all} ${rows} order by ${all} offset 1`,
  ]
  return { text: random.pick(pen.isCareful ? ways : [...ways, ...cuts]), whose }
}

function above(pen: Pen, it: Rows): string {
  const { random } = pen
  const { before, rows, table } = it
  const own = (f = 'f'): string => `${f}.tenant_id = ${pen.tenant('int')}`
  const name = table === 'folders' ? 'f.key' : 'f.id'
  const given = `${name}, q.i, q.t`
  const missing = pen.isCareful
    ? ['join', 'left join']
    : ['join', 'left join', 'right join', 'full join']
  if (random.chance(0.4)) return compared(pen, it)
  return `${before}${pen.choose([
    () => {
      pen.uses('rows of everybody under WHERE')
      return `select q.i, q.t from ${rows} where ${filters(pen, it)}`
    },
    () => {
      pen.uses('rows of everybody under WHERE')
      return `select q.i, q.t from ${rows} where ${filters(pen, it)} and q.i ${random.pick(['> 0', 'is not null', 'in (1, 2)'])}`
    },
    () => {
      const kind = random.pick(missing)
      pen.uses(
        kind === 'join' ? 'rows of everybody joined' : 'rows of everybody on a nullable side',
      )
      return `select ${given} from ${table} as f ${kind} ${rows} on ${joins(pen, it)} where ${own()}`
    },
    () => {
      pen.uses('rows of everybody on a nullable side')
      return `select ${given} from (select * from ${table} as g where ${own('g')}) as f left join ${rows} on ${joins(pen, it)}`
    },
    () => {
      pen.uses('rows of everybody in LATERAL')
      const [kind, on] = random.pick([
        ['cross join', ''],
        ['left join', ' on true'],
      ])
      return `select ${name}, x.i, x.t from ${table} as f ${kind} lateral (select q.i, q.t from ${rows} where ${joins(pen, it)} ${random.pick(['', 'order by q.i, q.t limit 1'])}) as x${on} where ${own()}`
    },
    () =>
      `select ${name}, (select count(*) from ${rows} where ${joins(pen, it)}) from ${table} as f where ${own()}`,
  ])}`
}

/** Says of rows, by constants or by queries, that they are the tenant's; mostly of all that it takes. */
function filters(pen: Pen, { whose }: Rows): string {
  const tenant = (): string => pen.tenant('int')
  const each = (column: Whose): string => {
    if (column !== 'k') return `q.${column} = ${tenant()}`
    const keys = `select g.key from folders as g where g.tenant_id = ${tenant()}`
    return pen.random.pick([
      `q.k in (${keys})`,
      `q.k = any (${keys})`,
      `exists (${keys} and q.k = g.key)`,
    ])
  }
  return said(pen, whose).map(each).join(' and ')
}

/** Says that they are those of the row beside them. */
function joins(pen: Pen, { whose, key }: Rows): string {
  const each = (column: Whose): string =>
    pen.random.pick([`q.${column} = f.${key}`, `f.${key} = q.${column}`])
  return said(pen, whose).map(each).join(' and ')
}

function said(pen: Pen, whose: readonly Whose[]): readonly Whose[] {
  if (pen.isCareful || pen.random.chance(0.6)) return whose
  return [pen.random.pick(whose)]
}

/** The tenant's rows, of which IN or EXISTS tells something by rows of everybody. */
function compared(pen: Pen, it: Rows): string {
  const { random } = pen
  const own = (): string => `f.tenant_id = ${pen.tenant('int')}`
  const { before, rows, whose, table, key } = it
  const name = table === 'folders' ? 'f.key' : 'f.id'
  const columns = said(pen, whose)
  const all = columns.map((each) => `q.${each}`).join(', ')
  const keys = columns.map(() => `f.${key}`).join(', ')
  const isExists = random.chance(0.35)
  const condition = isExists
    ? `exists (select 1 from ${rows} where ${joins(pen, it)} and q.i > 0)`
    : pen.choose([
        () => `(${keys}) in (select ${all} from ${rows} where q.i > 0)`,
        () => `(${keys}, 1) in (select ${all}, 1 from ${rows} where q.t is not null)`,
        () => `(${keys}) in (select ${all} from ${rows})`,
        () => `(${keys}) in (select ${all} from ${rows} where q.i > 6)`,
        () => `(${keys}) = any (select ${all} from ${rows} where q.i > 1)`,
        () =>
          `(${keys}) in (select ${all} from ${rows} where (q.i, 1) in (select c.id, 1 from countries as c))`,
      ])
  pen.uses(isExists ? 'rows of everybody by EXISTS' : 'rows of everybody by IN')
  const arm = random.pick([`${name} > 1`, `${name} = 2`, `f.tenant_id = 1`])
  const select = `${before}select ${name} from ${table} as f`
  const inside = (written: string): string => `${select} where ${own()} and ${written}`
  /** Where there may be no row that is compared. */
  const half = (written: string): string =>
    `${before}select c.id, ${name} from countries as c left join ${table} as f on ${own()} and ${name} = c.id + ${table === 'folders' ? 2000 : 1} where ${written}`
  const holding = [
    () => inside(condition),
    () => half(condition),
    () => {
      pen.uses('rows of everybody under OR')
      return inside(
        random.pick([`(${arm} or ${condition})`, `(${condition} or (${arm} and ${condition}))`]),
      )
    },
    () => {
      pen.uses('rows of everybody in ON')
      return `${before}select ${name}, c.name from ${table} as f ${random.pick(['join', 'left join'])} countries as c on ${condition} and c.id < 3 where ${own()}`
    },
    () => {
      pen.uses('rows of everybody in ON')
      return `${before}select c.id, ${name} from countries as c left join ${table} as f on ${own()} and c.id = 1 and ${condition}`
    },
    () => {
      pen.uses('rows of everybody in HAVING')
      return `${before}select f.${key}, count(*) from ${table} as f where ${own()} group by f.${key} having ${condition}`
    },
    () => {
      pen.uses('write by rows of everybody')
      const set = {
        users: `name = 'seen'`,
        posts: `title = title || '!'`,
        folders: `name = 'seen'`,
      }[table]
      const end = `where ${own()} and ${condition} returning ${name}`
      return `${before}${random.chance(0.5) ? `update ${table} as f set ${set ?? ''}` : `delete from ${table} as f`} ${end}`
    },
  ]
  /** EXISTS says by itself which rows it means. */
  const elsewhere = [
    () => inside(`not ${condition}`),
    () => inside(`(${arm} or not (${condition} and ${name} > 0))`),
    () => inside(`(${condition}) is null`),
    () => inside(`(${condition}) is not false`),
    () => inside(`coalesce(${condition}, true)`),
    () => half(`not ${condition}`),
    () => half(`(${condition}) is null`),
    () => half(`coalesce(${condition}, ${name} is null)`),
    () => half(`case when ${condition} then true else ${condition} is null end`),
    () => inside(`case when ${condition} then false else true end`),
    () => inside(`case when ${arm} then ${condition} end`),
    () => `${before}select ${name}, ${condition} from ${table} as f where ${own()}`,
    () => `${before}select count(*) filter (where ${condition}) from ${table} as f where ${own()}`,
    () => `${select} where ${own()} order by ${condition}, ${name} limit 2`,
  ]
  if (!isExists)
    return pen.choose(pen.isCareful ? holding : [...holding, ...elsewhere, ...elsewhere])
  if (random.chance(0.6)) return pen.choose(holding)
  pen.uses('rows of everybody by EXISTS under NOT or CASE')
  return pen.choose(elsewhere)
}
