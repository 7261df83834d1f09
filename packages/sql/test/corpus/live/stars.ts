import type { Case, Damaging, Refused, SafeButRefused } from '../case.ts'

export const accepted: readonly Case[] = [
  [
    'a row as an argument',
    'select count(b.*), json_agg(b.*) from books b where b.tenant_id = $1',
    'acme',
  ],
  [
    'a key of several columns that are set from a query',
    'update pages set (body, book_id) = (select b.title, b.id from books b where b.tenant_id = $1 and b.id = 1) where id = 1 and book_id in (select id from books where tenant_id = $1)',
    'acme',
  ],
  [
    'rows that differ',
    `select b.id from books b join books c on c.tenant_id = b.tenant_id
       where b.tenant_id = $1 and b.* is distinct from c.* and not (b.* is not distinct from c.*) and b.* <> c.*`,
    'acme',
  ],
]

export const leaking: readonly Refused[] = [
  [
    'an aggregate of a row of the query around it',
    'Book',
    `select c.code, x.n from currencies c, lateral (
       select (select count(a.*)) as k, (select count(*) from books b where b.tenant_id = c.code) as n
       from authors a where a.tenant_id = $1 and c.code = $1) x`,
    'acme',
  ],
  [
    'a row that is compared behind a star',
    '(unknown) unsupported',
    `select u.* from books u, (select 1 as id, 'acme'::text as name) c, (select 'globex'::text as a, 'x'::text as b) d
       where row(c.*, u.tenant_id, 'x'::text) = row(1, $1, d.*)`,
    'acme',
  ],
  [
    'a row in a list behind a star',
    '(unknown) unsupported',
    `select u.* from books u, (select 1 as id, 'acme'::text as name) c, (select 'globex'::text as a, 'x'::text as b) d
       where (c.*, u.tenant_id, 'x'::text) in ((1, $1, d.*))`,
    'acme',
  ],
  [
    'VALUES behind a star',
    '(unknown) unsupported',
    `select u.* from (select 1 as id, 'globex'::text as name) c, lateral (values (c.*, $1::text)) v
       join books u on u.tenant_id = v.column2`,
    'acme',
  ],
  [
    'a row in a query behind a star',
    '(unknown) unsupported',
    `select p.* from pages p, (select 1 as x, 1 as y) c where (c.*, p.book_id) in
       (select 1, b.id, 11 from books b where b.tenant_id = $1)`,
    'acme',
  ],
]

export const safeButRefused: readonly SafeButRefused[] = [
  [
    'columns that are set before a star for none',
    'how many columns a star stands for is not counted',
    '(unknown) unsupported',
    `update takers set (name, id) = ('x', 5, c.*) from (select) c where takers.tenant_id = $1`,
    'acme',
  ],
]

export const damaging: readonly Damaging[] = [
  [
    'a row that is written behind a star',
    '(unknown) unsupported',
    'public.takers',
    `insert into takers (id, tenant_id, name) select 701, v.column2, 'x'
       from (select 1 as id, 'globex'::text as name) c, lateral (values (c.*, $1::text)) v`,
    'acme',
  ],
  [
    'columns that are set behind a star',
    '(unknown) unsupported',
    'public.takers',
    `update takers set (name, tenant_id) = (c.*, $1, 'globex') from (select) c where takers.tenant_id = $1`,
    'acme',
  ],
  [
    'a row of MERGE behind a star',
    '(unknown) unsupported',
    'public.takers',
    `merge into takers t using (select 900 as id, 'globex'::text as o) s on t.tenant_id = $1 and t.id = s.id
       when not matched then insert (id, tenant_id, name) values (s.*, $1)`,
    'acme',
  ],
  [
    'a key that is set from the second column of a query',
    'Page tenant_write',
    'public.pages, public.words',
    'update pages p set (id, book_id) = (select b.id, 11 from books b where b.tenant_id = $1 and b.id = 1) where p.id = 1 and p.book_id in (select id from books where tenant_id = $1)',
    'acme',
  ],
]
