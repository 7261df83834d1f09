import type { Pen } from './pen.ts'
import { targets, textOf } from './relations.ts'

/** A name that may mean more than one mention: of a table with its schema or without, of a function. */
export function mentioned(pen: Pen): string {
  const { random } = pen
  const table = random.pick(targets)
  const t = textOf[table]
  const own = (of: string): string => `${of}.tenant_id = ${pen.typedTenant('int')}`
  const said = (of: string): string =>
    random.chance(pen.isCareful ? 0.8 : 0.4) ? `${own(of)} and ` : ''
  return pen.choose([
    () => {
      pen.uses('table by its whole name')
      const name = (): string => random.pick([table, `public.${table}`])
      const [inner, as] = random.pick([
        [name(), name()],
        [`${name()} as w`, 'w'],
      ])
      const where = `${said(name())}exists (select 1 from ${inner} where ${own(as)} and ${name()}.id >= ${name()}.id)`
      return random.pick([
        `select ${name()}.id, ${name()}.${t} from ${name()} where ${where} order by 1, 2`,
        `update ${name()} set ${t} = ${name()}.${t} || '!' where ${where} returning ${name()}.id`,
        `delete from ${name()} where ${where} returning ${name()}.id`,
      ])
    },
    () => {
      pen.uses('function by its own name')
      const [called, from] = random.pick(functions)
      const o = random.pick([called, pen.alias()])
      return `select ${o}.${t} from ${table} as ${o} where ${said(o)}exists (select 1 from ${table} as w, ${from} where ${own('w')} and ${o}.id = w.id) order by 1`
    },
  ])
}

/** Functions that have a column of the name, by the name that they have where they are given none. */
const functions = [
  ['json_table', `json_table(jsonb '[{"id": 1}]', '$[*]' columns (id int path '$.id'))`],
  ['jsonb_to_record', `jsonb_to_record('{"id": 1}') as (id int)`],
  [
    'jsonb_to_record',
    `rows from (jsonb_to_record('{"id": 1}') as (id int), generate_series(1, 1))`,
  ],
] as const

/** Columns that are meant by their place, where one of them is the owner or looks like an aggregate. */
export function placed(pen: Pen): string {
  const { random } = pen
  const table = random.pick(targets)
  const t = textOf[table]
  const tenant = (): string => pen.typedTenant('int')
  return pen.choose([
    () => {
      pen.uses('columns of MERGE by place')
      const merge = `merge into ${table} as k using (values (1, 1, 'x')) as s (a, b, c) on k.tenant_id = ${tenant()} and k.id = s.a when matched then ${random.pick(['do nothing', `update set ${t} = k.${t}`])} returning *`
      return `with m as (${merge}) select r.id from m as m (c1, c2, c3, c4, c5) join ${table} as r on r.tenant_id = m.c${random.pick([2, 5, 5])} order by 1`
    },
    () => {
      pen.uses('columns of a function by place')
      const [source, columns] = random.pick(sources)
      return `select (select (select max(r.${t}) from ${table} as r where r.tenant_id = c.id) || coalesce((${random.pick(columns)})::text, '') from ${source} where c.id = ${tenant()}) from countries as c order by 1`
    },
  ])
}

const inside = (called: string): string => `select max(nm) from ${called} as nm`
const sources = [
  [`rows from (jsonb_to_record('{"count": 1}') as (count int)) as x (k)`, ['x.k', 'x.count']],
  [
    `json_table('{"a": 1, "b": 2}', '$' columns (nested '$' columns (b int path '$.b'), count int path '$.a')) as j (x)`,
    ['j.x', 'j.b', 'j.count'],
  ],
  [
    `(values ('z')) as v (nm)`,
    [
      inside(`unnest(array['q'])`),
      inside('unnest(array[1], array[2])'),
      inside(`unnest(to_tsvector('a b'))`),
      inside(`unnest(array(select 'q'))`),
      inside(`string_to_table('q', ',')`),
    ],
  ],
] as const
