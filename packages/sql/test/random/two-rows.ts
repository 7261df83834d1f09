import type { OpenRows, Whose } from './open-rows.ts'
import type { Pen } from './pen.ts'
import { targets, textOf } from './relations.ts'

/** Windows over rows that are made of two rows each, whosever they are. */
export function pairedRows(pen: Pen): OpenRows {
  const { random } = pen
  if (random.chance(0.35)) return askedRows(pen)
  if (random.chance(0.2)) {
    const [some, more] = [joinedRows(pen, false), joinedRows(pen, false)]
    pen.uses('windows in a set operation')
    const operator = random.pick(['union', 'union all', 'except', 'intersect all'])
    return { text: `${some.text} ${operator} ${more.text}`, whose: ['o', 'p'] }
  }
  return joinedRows(pen, true)
}

function joinedRows(pen: Pen, mayShare: boolean): OpenRows {
  const { random } = pen
  const [first, second] = [random.pick(targets), random.pick(targets)]
  const [left, right] = [`${first} as a`, `${second} as b`]
  const t = `b.${textOf[second]}`
  const near = random.pick(['b.id = a.id', 'b.id > a.id', `${t} = a.${textOf[first]}`])
  const ways: (() => readonly [string, readonly Whose[]])[] = [
    () => [`${left} join ${right} on ${near}`, ['o', 'p']],
    () => [`${left} cross join ${right}`, ['o', 'p']],
    () => [`${left} join ${right} on b.tenant_id = a.tenant_id and ${near}`, ['o']],
    () => [`${left} left join ${right} on b.tenant_id = a.tenant_id and ${near}`, ['o']],
    () => [`${left} join ${right} on b.tenant_id = a.tenant_id cross join countries as c`, ['o']],
  ]
  const [joined, whose] = random.pick(ways)()
  const isShared = mayShare && random.chance(0.2)
  if (isShared) pen.uses('window over shared rows')
  const from = isShared
    ? random.pick([
        `${left} cross join roles as b where b.tenant_id is null`,
        `${left} join roles as b on b.tenant_id is null and b.id > a.id`,
      ])
    : joined
  const columns = { o: 'a.tenant_id', p: 'b.tenant_id', k: 'a.id' }
  const needed = (isShared ? (['o'] as const) : whose).map((each) => columns[each])
  const partition = (): string => {
    const some = ['a.id', 'b.tenant_id', 'a.tenant_id', 'b.id'].filter(() => random.chance(0.3))
    const all = pen.isCareful || random.chance(0.5) ? [...needed, ...some] : some
    return all.length === 0 ? '' : `partition by ${all.join(', ')}`
  }
  const text = isShared ? 'b.name' : t
  // Rows of one order are alike in all columns: which comes first is nobody's promise.
  const order = `order by a.id, b.id, a.tenant_id, b.tenant_id, ${text}${from.endsWith('as c') ? ', c.id' : ''}`
  const window = (): string => {
    const by = partition()
    return pen.choose([
      () => `(count(*) over (${by}))::int`,
      () => `(row_number() over (${by} ${order}))::int`,
      () => `(sum(b.id) over (${by} ${order} rows between 1 preceding and current row))::int`,
      () => `(rank() over (${by} order by b.id))::int`,
      () => `max(a.id) over (${by})`,
    ])
  }
  pen.uses('window over two rows')
  let i = window()
  let tail = ''
  if (random.chance(0.4)) {
    pen.uses('several windows')
    i = `${i} + ${window()}`
  }
  if (random.chance(0.25)) {
    pen.uses('window of a window')
    i = `(count(*) over v)::int + ${i}`
    tail = ` window w as (${partition()}), v as (w order by b.id)`
  }
  const t2 = random.chance(0.3) ? `(max(${text}) over (${partition()}))` : text
  return {
    text: `select ${i} as i, ${t2} as t, a.tenant_id as o, b.tenant_id as p from ${from}${tail}`,
    whose: isShared ? ['o'] : whose,
  }
}

/** Windows over what queries tell of two rows that are everybody's: the rows that they ask for are not. */
function askedRows(pen: Pen): OpenRows {
  const { random } = pen
  pen.uses('query within a window')
  const table = random.pick(targets)
  const by = random.pick(
    pen.isCareful ? ['d.id', 'd.id, c.id'] : ['d.id', 'c.id', 'c.id', 'c.id', '1'],
  )
  if (pen.isLive && random.chance(0.6)) return askedByKey(pen, by)
  const asked = random.pick([
    `(select count(*) from ${table} as z where z.id = c.id and z.tenant_id = d.id)`,
    `(select max(z.id) from ${table} as z where z.tenant_id = d.id and z.id >= c.id)`,
    `(case when exists (select 1 from ${table} as z where z.id = c.id and d.id = z.tenant_id) then 1 else 0 end)`,
  ])
  return {
    text: `select c.id as i, (sum(${asked}) over (partition by ${by}))::text as t, d.id as o from countries as c cross join countries as d`,
    whose: ['o'],
  }
}

/** The same of rows by their key: the row that is given says nothing of those that were summed for it. */
function askedByKey({ random }: Pen, by: string): OpenRows {
  const asked = '(select count(*) from folders as z where z.key = c.id and z.tenant_id = d.id)'
  const pairs = 'from countries as c cross join countries as d'
  const sums = `select c.id as i, (sum(${asked}) over (partition by ${by}))::text as t, d.id as o ${pairs}`
  const beside = random.pick(['countries as n on n.id = w.i', 'countries as n on w.i = n.id'])
  return { text: `select w.i, w.t, w.o from (${sums}) as w join ${beside}`, whose: ['o'] }
}
