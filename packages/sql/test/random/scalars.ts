import type { Pen } from './pen.ts'
import { columnOf } from './predicate.ts'
import type { Source } from './relations.ts'

/** A number out of a query in one of the places where an expression may hold one. */
export function nestedNumber(pen: Pen, depth: number, sources: readonly Source[]): string {
  const a = columnOf(pen, sources, 'int') ?? '1'
  const single = (): string => `(${pen.queries.single(pen, depth - 1, sources)})`
  const rows = (): string => pen.queries.any(pen, depth - 1, sources).text
  return pen.choose([
    single,
    () => `coalesce(${single()}, ${a})`,
    () => {
      pen.uses('query in CASE')
      return `case when exists (${rows()}) then ${a} else ${single()} end`
    },
    () => {
      pen.uses('query in CASE')
      return `case ${a} when ${single()} then 1 else 2 end`
    },
    () => {
      pen.uses('query as an index')
      return `(array[10, 20, 30])[${single()}]`
    },
    () => {
      pen.uses('query as an array')
      return `cardinality(array(select q.i from (${rows()}) as q))`
    },
    () => {
      pen.uses('query in JSON')
      return `(json_build_object('a', ${single()}) ->> 'a')::int`
    },
    () => {
      pen.uses('query in JSON')
      return `json_value(json_object('a': ${single()}), '$.a' returning int)`
    },
    () => {
      pen.uses('SQL/JSON function')
      return `json_value(jsonb '{"b": 1}', '$.b ? (@ >= $x)' passing ${a} as x returning int default 0 on empty)`
    },
    () => {
      pen.uses('SQL/JSON function')
      return `json_exists(jsonb_build_array(${a}), '$[*] ? (@ > 1)')::int`
    },
    () => `greatest(${a}, ${single()}, nullif(${a}, 2))`,
  ])
}

/** Text out of the rows of a query. */
export function nestedText(pen: Pen, depth: number, sources: readonly Source[]): string {
  const q = pen.alias()
  const rows = (): string => pen.queries.any(pen, depth - 1, sources).text
  return pen.choose([
    () => {
      pen.uses('ordered aggregate')
      return `(select string_agg(${q}.t, ',' order by ${q}.t) from (${rows()}) as ${q})`
    },
    () => {
      pen.uses('query in JSON')
      return `(select coalesce(json_agg(json_build_object('i', ${q}.i) order by ${q}.i), '[]') from (${rows()}) as ${q})::text`
    },
    () => {
      pen.uses('query in JSON')
      return `json_array(select ${q}.i from (${rows()}) as ${q} order by ${q}.i returning text)`
    },
    () => {
      pen.uses('query as an array')
      return `array_to_string(array(select ${q}.t from (${rows()}) as ${q} order by ${q}.t), '-')`
    },
  ])
}
