import type { Case, Refused } from '../case.ts'

export const accepted: readonly Case[] = [
  [
    'a window that inherits, filtered above',
    'select * from (select tenant_id, count(*) over (w order by id) as n from books window w as (partition by tenant_id)) x where tenant_id = $1',
    'acme',
  ],
  [
    'a column that only one of two tables has',
    'select title from books b join authors a on a.tenant_id = b.tenant_id where b.tenant_id = $1 and name is not null',
    'acme',
  ],
  ['a table with rules, read', 'select * from ruled where tenant_id = $1', 'acme'],
  [
    'a query of WITH hides the table',
    `with books as (select 1 as id, 'x' as title) select title from books`,
  ],
  ['a view by its whole name', 'select title from public.titles where owner = $1', 'acme'],
  [
    'columns of a view by its name',
    'select titles.title from titles where titles.owner = $1',
    'acme',
  ],
  [
    'a column by its whole name',
    'select public.books.title from public.books where public.books.tenant_id = $1',
    'acme',
  ],
  [
    'a star by its whole name',
    'select public.books.* from public.books where books.tenant_id = $1',
    'acme',
  ],
  [
    'a name of the inner level',
    'select a.id from authors a where a.tenant_id = $1 and exists (select 1 from books where tenant_id = a.tenant_id and author_id = a.id)',
    'acme',
  ],
  [
    'a name of the outer level',
    `select a.id from authors a where a.tenant_id = $1 and exists (select 1 from books b where b.tenant_id = $1 and name = 'Ann')`,
    'acme',
  ],
  [
    'names for columns that nobody declared',
    'update shelves s set label = c.v from (select * from jsonb_each_text($2)) as c (k, v) where s.label = c.k and s.tenant_id = $1',
    'acme',
    '{"top":"low"}',
  ],
  ['a whole row', 'select to_json(b) from books b where b.tenant_id = $1', 'acme'],
  ['a whole row by its name', 'select count(b), max(b) from books b where tenant_id = $1', 'acme'],
  ['a whole row in a count', 'select count(books) from books where tenant_id = $1', 'acme'],
  ['columns renamed in part', 'select t.o, t.title from books as t (i, o) where t.o = $1', 'acme'],
  [
    'columns of a query, renamed in part',
    'select x.b, x.title from (select id, tenant_id, title from books) as x (a, b) where x.b = $1',
    'acme',
  ],
  [
    'a query with a column twice, by position',
    'select 1 from (select tenant_id, id, tenant_id from books) as x (a, b, c) where x.c = $1',
    'acme',
  ],
  [
    'ON sees its own two sides',
    'select 1 from books b join authors a on a.tenant_id = b.tenant_id join leaves l on l.tenant_id = a.tenant_id where b.tenant_id = $1',
    'acme',
  ],
  [
    'LATERAL sees what stands before the join',
    'select x.id from authors a, (books b cross join lateral (select s.id from shelves s where s.tenant_id = a.tenant_id and s.id = b.id) x) where a.tenant_id = $1 and b.tenant_id = a.tenant_id',
    'acme',
  ],
  [
    'a merged column that is hidden from an outer level',
    'select 1 from books b where b.tenant_id = $1 and exists (select 1 from authors a join leaves l using (tenant_id) where tenant_id = b.tenant_id)',
    'acme',
  ],
  [
    'USING twice',
    'select count(*) from books b join authors a using (tenant_id) join leaves l using (tenant_id) where tenant_id = $1',
    'acme',
  ],
  [
    'USING of two columns',
    'select id from books b join authors a using (tenant_id, id) where b.tenant_id = $1',
    'acme',
  ],
  [
    'a star after USING',
    'select * from books b join leaves l using (tenant_id) where tenant_id = $1',
    'acme',
  ],
  [
    'a star after USING, filtered above',
    'select x.tenant_id from (select * from books b join leaves l using (tenant_id)) x where x.tenant_id = $1',
    'acme',
  ],
  [
    'a star of one side after USING',
    'select x.title from (select b.* from books b join leaves l using (tenant_id)) x where x.tenant_id = $1',
    'acme',
  ],
  [
    'USING in a right join, the merged column',
    'select l.id from books b right join leaves l using (tenant_id) where tenant_id = $1',
    'acme',
  ],
  [
    'USING in a left join, the column of the right side',
    'select b.id from books b left join leaves l using (tenant_id) where l.tenant_id = $1',
    'acme',
  ],
  [
    'USING in a left join, from the nullable side',
    'select b.id from leaves l left join books b using (tenant_id) where tenant_id = $1',
    'acme',
  ],
  [
    'a column that USING has merged, by one side',
    'select b.tenant_id, l.tenant_id from books b join leaves l using (tenant_id) where b.tenant_id = $1',
    'acme',
  ],
  [
    'functions that are complete',
    `select b.id from (select tenant_id as t, id from books where tenant_id = $1) b where exists (select 1 from jsonb_to_recordset('[{"a": 1}]') as r (a int), authors a where a.tenant_id = t)`,
    'acme',
  ],
  [
    'types in ROWS FROM',
    `select r.a, o.id from rows from (jsonb_to_recordset('[{"a": 1}]') as (a int, b text), generate_series(1, 2)) as r, books o where o.tenant_id = $1`,
    'acme',
  ],
  [
    'an operator of pg_catalog',
    `select title operator(pg_catalog.||) 'x' from books where tenant_id = $1`,
    'acme',
  ],
  [
    'a window that inherits',
    'select id, sum(id) over (w order by id) from books where tenant_id = $1 window w as (partition by author_id)',
    'acme',
  ],
  [
    'a window by its name, filtered above',
    'select * from (select tenant_id, count(*) over w as n from books window w as (partition by tenant_id)) x where tenant_id = $1',
    'acme',
  ],
  [
    'the merged column of a left join, passed on',
    'insert into places (id, tenant_id) select 90 + l.id, tenant_id from leaves l left join books b using (tenant_id) where l.tenant_id = $1 and b.id = 1',
    'acme',
  ],
  [
    'the merged column of a left join without a match, passed on',
    'insert into places (id, tenant_id) select 90, tenant_id from (select tenant_id from leaves where tenant_id = $1) l left join (select tenant_id from books where tenant_id = $1 and false) b using (tenant_id)',
    'acme',
  ],
  [
    'the merged column of a right join without a match, passed on',
    'insert into places (id, tenant_id) select 90, tenant_id from (select tenant_id from books where tenant_id = $1 and false) b right join (select tenant_id from leaves where tenant_id = $1) l using (tenant_id)',
    'acme',
  ],
  [
    'USING of two tables and of a third',
    'select name, tenant_id from customers c join orders o using (tenant_id) join people p using (name) where tenant_id = $1',
    'acme',
  ],
  [
    'columns renamed, but not the owner',
    'select t.i from books as t (i) where t.tenant_id = $1',
    'acme',
  ],
]

export const leaking: readonly Refused[] = [
  [
    'names that are given to other columns than those that are known',
    'Book',
    `select x.title from (select j.*, b.tenant_id, b.title from books b, jsonb_each_text('{"acme":"x"}') j) as x (tenant_id, v, o) where x.tenant_id = $1`,
    'acme',
  ],
  [
    'a function of the row',
    '(unknown) unsupported',
    'select c.tally from coded c where c.tenant_id = $1',
    'acme',
  ],
  [
    'a table behind a query of WITH, by its whole name',
    'Book',
    `with books as (select 1 as id, 'x' as title) select title from public.books`,
  ],
  [
    'an open query in ROWS FROM',
    'Book',
    'select * from rows from (generate_series(1, (select count(*) from books)))',
  ],
  [
    'a function whose columns nobody knows',
    'Author',
    `select b.id from (select tenant_id as key, id from books where tenant_id = $1) b where exists (select 1 from json_each('{"globex": 1}') as r, authors a where a.tenant_id = key and a.id > 10)`,
    'acme',
  ],
  ['ORDER BY USING', '(unknown) unsupported', 'select title from books order by title using ~<~'],
]

export const refused: readonly Refused[] = [
  [
    'a column that no table has',
    '(unknown) unsupported',
    'select nothing from books where tenant_id = $1',
    'acme',
  ],
  [
    'an undeclared partition',
    '(unknown) unknown_relation',
    'select * from events_2026 where tenant_id = $1',
    'acme',
  ],
  ['the catalogue', '(unknown) unknown_relation', 'select * from pg_class'],
  [
    'a table with rules, written',
    '(unknown) unsupported',
    'delete from ruled where tenant_id = $1',
    'acme',
  ],
  ['an owner that the server makes', '(unknown) unsupported', 'insert into made (id) values (1)'],
  [
    'a view of another schema',
    '(unknown) unknown_relation',
    'select title from other.titles where owner = $1',
    'acme',
  ],
  [
    'two tables of one name',
    'Book, Book',
    'select 1 from books join books on true where tenant_id = $1',
    'acme',
  ],
  [
    'the alias of another schema',
    '(unknown) unsupported',
    'select audit.books.title from public.books where tenant_id = $1',
    'acme',
  ],
  [
    'a star of another schema',
    '(unknown) unsupported',
    'select audit.books.* from public.books where tenant_id = $1',
    'acme',
  ],
  [
    'a name with a database in it',
    '(unknown) unsupported',
    'select db.public.books.title from public.books where tenant_id = $1',
    'acme',
  ],
  [
    'a name that is in two tables, as the owner',
    'Book, Author',
    'select 1 from books b, authors a where tenant_id = $1',
    'acme',
  ],
  [
    'a star of nobody',
    '(unknown) unsupported',
    'select x.* from books b where b.tenant_id = $1',
    'acme',
  ],
  [
    'a system column by its name',
    '(unknown) unsupported',
    'select b.xmin from books b where b.tenant_id = $1',
    'acme',
  ],
  [
    'a transaction by its name',
    '(unknown) unsupported',
    'select xmin from books where tenant_id = $1',
    'acme',
  ],
  [
    'commands of a transaction',
    '(unknown) unsupported',
    'select cmin, cmax from books where tenant_id = $1',
    'acme',
  ],
  [
    'columns of a query, renamed, by the old name',
    '(unknown) unsupported',
    'select 1 from (select id, tenant_id, title from books) as x (a, b) where x.tenant_id = $1',
    'acme',
  ],
  [
    'more names than columns',
    '(unknown) unsupported',
    'select 1 from (select id, tenant_id from books) as x (a, b, c) where x.b = $1',
    'acme',
  ],
  [
    'a query with a column twice',
    'Book',
    'select 1 from (select tenant_id, id, tenant_id from books) x where x.tenant_id = $1',
    'acme',
  ],
  [
    'USING in a right join, from the nullable side',
    'Leaf, Book',
    'select l.id from leaves l right join books b using (tenant_id) where l.id is null',
  ],
  [
    'USING of columns of two types',
    'Job',
    'select 1 from orders o join jobs j using (id) where o.tenant_id = $1',
    'acme',
  ],
  [
    'a type of somebody else in a function of FROM',
    '(unknown) unsupported',
    `select * from jsonb_to_recordset('[]') as r (a stranger)`,
  ],
  [
    'a type of somebody else in ROWS FROM',
    '(unknown) unsupported',
    `select * from rows from (jsonb_to_recordset('[]') as (a stranger)) as r`,
  ],
  [
    'a function of another schema',
    '(unknown) unsupported',
    'select other.lower(title) from books where tenant_id = $1',
    'acme',
  ],
  [
    'a function of pg_catalog that is not known',
    '(unknown) unsupported',
    'select pg_catalog.pg_backend_pid()',
  ],
  [
    'an operator of another schema',
    '(unknown) unsupported',
    `select title operator(other.||) 'x' from books where tenant_id = $1`,
    'acme',
  ],
  [
    'an own operator of IN',
    '(unknown) unsupported',
    'select body from pages where book_id operator(other.=) any (select id from books where tenant_id = $1)',
    'acme',
  ],
  [
    'a relation by its schema under another name',
    '(unknown) unsupported',
    'select public.b.id from public.books b where b.tenant_id = $1',
    'acme',
  ],
]
