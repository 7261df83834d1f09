import type { Pen } from './pen.ts'
import { targets, textOf } from './relations.ts'

/** Functions of one argument: what they say depends on more than it. */
const functions = ['ts_stat', 'pg_relation_size', 'pg_total_relation_size', 'my_function', 'count']
/** What the first of them would run. */
const hidden = `'select to_tsvector(''simple'', name) from users'`

/** `x.f`: a column of x, or else a call of f. */
export function attribute(pen: Pen): string {
  const { random } = pen
  const table = random.pick(targets)
  const x = pen.alias()
  const f = random.pick([...functions, 'i', 'id', textOf[table], x])
  const own = `from ${table} as o where o.tenant_id = ${pen.typedTenant('int')}`
  const given = random.pick([hidden, `'${table}'`])
  return pen.choose([
    () => {
      pen.uses('value under the name of its relation')
      return `select ${x}.${x}, ${x}.ordinality from unnest(array[1, 2]) with ordinality as ${x} order by 1`
    },
    () => `select ${x}.${f} from unnest(array[${given}::text]) as ${x}`,
    () => `select ${x}.${f} from lower(${given}) as ${x}`,
    () =>
      `select ${x}.${f} from (select ${random.pick(['1 + 1', '1 as i'])}, o.id, o.tenant_id ${own}) as ${x} order by 1`,
    () =>
      `select ${x}.${f} from (select * from ${table} as o join users as u using (tenant_id, id) where o.tenant_id = ${pen.typedTenant('int')}) as ${x} order by 1`,
    () =>
      `select ${x}.${f} from json_table('[1]'::jsonb, '$[*]' columns (${random.pick(['i', 'n'])} int path '$')) as ${x}`,
    () =>
      `update ${table} set ${textOf[table]} = 'x' where tenant_id = ${pen.typedTenant('int')} and id < 3 returning ${random.pick(['old', 'new'])}.${f}`,
    () =>
      `select o.id ${own} and exists (select ${x}.${random.pick(['sum', 'bool_and', 'count', 'i'])} from generate_series(1, 1) as ${x}, users as u where u.id = o.id) order by 1`,
  ])
}
