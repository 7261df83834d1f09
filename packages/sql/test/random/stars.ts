import type { Pen } from './pen.ts'
import { targets, textOf } from './relations.ts'

/**
 * Rows that are written with a star: it stands for several values, so that what is behind it has
 * another place than it seems to. A whole row as an argument is one value, and may be one.
 */
export function starred(pen: Pen): string {
  const { random } = pen
  const table = random.pick(targets)
  const t = textOf[table]
  const tenant = (): string => pen.typedTenant('int')
  const o = pen.alias()
  const c = pen.alias()
  const width = random.pick(['1 as x', '1 as x, 1 as y', '1 as x, 2 as y, 3 as z', ''])
  const other = `(select ${width}) as ${c}`
  const wide = random.pick(['1', '1, 1', '1, 2, 3', tenant()])
  return pen.choose([
    () => {
      pen.uses('whole row')
      const row = random.pick([`row_to_json(${o}.*)`, `to_json(${o})`, `count(${o}.*) over ()`])
      return `select ${row} as r from ${table} as ${o} where ${o}.tenant_id = ${tenant()} order by ${o}.id, ${o}.${t}`
    },
    () => {
      pen.uses('whole row')
      return `select json_agg(${o}.* order by ${o}.id, ${o}.${t})::text as r from ${table} as ${o} where ${o}.tenant_id = ${tenant()}`
    },
    () =>
      `select ${o}.id from ${table} as ${o}, ${other} where (${c}.*, ${o}.tenant_id) = (${wide}, ${tenant()})`,
    () =>
      `select ${o}.id from ${table} as ${o}, ${other} where row(${o}.tenant_id, ${c}.*) in ((${tenant()}, ${wide}))`,
    () =>
      `select ${o}.id from ${other}, lateral (values (${c}.*, ${tenant()})) as v join ${table} as ${o} on ${o}.tenant_id = v.column${1 + random.below(3)}`,
    () =>
      `select ${o}.id from ${table} as ${o}, ${other} where (${c}.*, ${o}.tenant_id) in (select ${wide}, u.tenant_id from users as u where u.tenant_id = ${tenant()})`,
    () =>
      `insert into ${table} (id, tenant_id, ${t}) select v.column1, v.column2, 'x' from ${other}, lateral (values (${c}.*, ${tenant()})) as v returning id`,
    () => {
      pen.uses('star of what SEARCH or CYCLE adds to')
      const tail = random.pick([
        'search depth first by n set s',
        'cycle n set m using p',
        'search breadth first by n set s cycle n set m using p',
      ])
      const own = tenant().replace(/^[^:]+$/, '$&::int4')
      const [inner, right] = random.pick([
        [`select r.*, 2, ${own} from r`, 'c'],
        [`select r.*, ${own}, 2 from r`, 'b'],
      ])
      const key = random.pick([right, right, 'a', 'b', 'c'])
      return `with recursive r (n) as (select 1 union all select n + 1 from r where n < 2) ${tail} select ${o}.id from (${inner}) as q (a, b, c) join ${table} as ${o} on ${o}.tenant_id = q.${key}`
    },
    () =>
      `update ${table} set (id, tenant_id) = (select ${c}.*, ${tenant()} from ${other}) where tenant_id = ${tenant()} returning id`,
    () =>
      `update ${table} as ${o} set (${t}, tenant_id) = (${c}.*, ${tenant()}) from (select 'x' as t) as ${c} where ${o}.tenant_id = ${tenant()} returning ${o}.id`,
  ])
}
