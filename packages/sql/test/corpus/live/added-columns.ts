import type { Case, Damaging, Refused } from '../case.ts'

const steps = 'with recursive t (n) as (select 1 union all select n + 1 from t where n < 2)'
const cycle = `${steps} cycle n set c using p`
const search = `${steps} search breadth first by n set o`
/** A mark that is a word, and what the steps read where they name it. */
const marked = (read: string): string => `select a.name,
  (with recursive t (n, x) as (select 1, ''::text union all select n + 1, (${read}) from t where n < 2)
     cycle n set k to 'x' default 'globex' using p select string_agg(t.x, ',') from t)
  from (select name, tenant_id as k from authors) a where a.k = $1`

/** The columns that SEARCH and CYCLE add: where they have a name, and where a star stands for them. */
export const accepted: readonly Case[] = [
  [
    'a star in the query of WITH stands for them',
    `${cycle} select s.label, q.a from shelves s, (${cycle} select t.*, 'acme'::text from t) q (a, c, p, k) where s.tenant_id = q.k and s.tenant_id = $1`,
    'acme',
  ],
  [
    'a star further inside leaves them out',
    `${cycle} select s.label from (select t.*, $1::text from t) q (a, k) join shelves s on s.tenant_id = q.k`,
    'acme',
  ],
  [
    'a star in another query of WITH leaves them out',
    `${search}, q (a, k) as (select *, $1::text from t) select s.label from q join shelves s on s.tenant_id = q.k`,
    'acme',
  ],
  [
    'a row is made of a star without them',
    `${cycle} insert into shelves (id, label, tenant_id) select t.n + 70, 'x', q.k from t, (select t.*, $1::text from t limit 1) q (n, k)`,
    'acme',
  ],
  [
    'they have their names further inside',
    `${cycle} select q.c, q.p from (select t.c, t.p from t) q, shelves s where s.tenant_id = $1`,
    'acme',
  ],
  [
    'they have their names in the steps',
    marked('select count(*)::text from shelves s where s.tenant_id = a.k and t.k is not null'),
    'acme',
  ],
]

export const leaking: readonly Refused[] = [
  [
    'a star further inside that would stand for them',
    'Shelf',
    `${cycle} select * from (select t.*, s.tenant_id, s.id, $1::text from t, shelves s) q (a, b, d, e) where e = $1`,
    'acme',
  ],
  [
    'the same for what SEARCH adds',
    'Shelf',
    `${search} select * from (select t.*, s.tenant_id, s.id, $1::text from t, shelves s) q (a, b, d, e) where d = 1 and e = $1 or e = $1`,
    'acme',
  ],
  [
    'the same in an arm of UNION',
    'Shelf, Shelf',
    `${search}, q (a, b, c) as (select t.*, s.tenant_id, $1::text from t, shelves s union all select t.*, s.tenant_id, $1::text from t, shelves s) select a, b from q where c = $1`,
    'acme',
  ],
  [
    'a mark of the steps in the place of a column around them',
    'Shelf',
    marked('select max(s.label) from shelves s where s.tenant_id = k'),
    'acme',
  ],
]

export const damaging: readonly Damaging[] = [
  [
    'a star further inside that would stand for them, where rows are changed',
    'Shelf foreign_value',
    'public.shelves',
    `${search}, q (a, b, k) as (select t.*, $1::text, 'globex'::text from t) update shelves s set label = 'x' from q where s.tenant_id = q.k`,
    'acme',
  ],
  [
    'the same where rows are removed',
    'Shelf foreign_value',
    'public.shelves',
    `${search}, q (a, b, k) as (select t.*, $1::text, 'globex'::text from t) delete from shelves s using q where s.tenant_id = q.k`,
    'acme',
  ],
  [
    'the same where rows are made',
    'Shelf tenant_write',
    'public.shelves',
    `insert into shelves (id, label, tenant_id) ${cycle} select a + 60, 'x', e from (select t.*, 'acme'::text, 'x'::text, 'globex'::text from t) q (a, b, d, e)`,
  ],
]

export const refused: readonly Refused[] = [
  [
    'a join by one of them, which a star leaves out then',
    '(unknown) unsupported',
    `${cycle} select * from (select * from t join (select false as c) f using (c)) q`,
  ],
  [
    'the same from the other side',
    '(unknown) unsupported',
    `${cycle} select * from (select * from (select false as c) f join t using (c)) q`,
  ],
]
