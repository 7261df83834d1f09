import type { Pen } from './pen.ts'
import { int, type Query, text } from './relations.ts'

/** Rows that belong to others, in a query to whose key a filter above may move, or must not. */
export function keyedQuery(pen: Pen): Query {
  pen.uses('key compared above a query')
  const rows = (inner: string): Query => ({
    text: inner,
    table: 'pages',
    columns: [int('folder_key'), text('body'), int('number')],
  })
  const all = 'folder_key, body, number'
  const holding = [
    () => `select ${all} from pages`,
    () => 'select * from pages',
    () =>
      'select folder_key, max(body) as body, count(*)::int as number from pages group by folder_key',
    () =>
      'select p.folder_key, max(p.body) as body, sum(q.number)::int as number from pages as p left join pages as q on q.number = p.number group by 1 having count(*) > 0',
    () =>
      `select folder_key, body, (row_number() over (partition by folder_key order by number))::int as number from pages`,
    () => `select distinct on (folder_key) ${all} from pages order by folder_key, number desc`,
    () => `select distinct on (body, 1) ${all} from pages order by body, 1, number`,
    () => `select ${all} from pages union select key, name, 0 from folders`,
    () => `select ${all} from pages except all select folder_key, body, number from pages as p`,
    () => `select * from (select ${all} from pages where id < 3) as p`,
  ]
  if (pen.isCareful) return rows(pen.choose(holding))
  return rows(
    pen.choose([
      ...holding,
      () => `select ${all} from pages order by number desc limit 2`,
      () => `select ${all} from pages order by number desc offset 1`,
      () =>
        `select folder_key, body, (row_number() over (order by number desc))::int as number from pages`,
      () =>
        `select folder_key, body, (count(*) over (partition by body))::int as number from pages`,
      () => `select distinct on (body) ${all} from pages order by body, number desc`,
      () =>
        'select min(folder_key) as folder_key, body, count(*)::int as number from pages group by body',
      () =>
        'select folder_key, max(body) as body, count(*)::int as number from pages group by rollup (folder_key)',
      () => `select ${all} from pages union all select folder_key - 1, body, number from pages`,
      () =>
        'select f.key + 0 as folder_key, p.body, p.number from folders as f left join pages as p on p.folder_key = f.key',
      () => `select ${all} from pages for update`,
    ]),
  )
}
