import type { Case, Refused, SafeButRefused } from '../case.ts'

/** Keys that IN compares with what a query gives. */
export const accepted: readonly Case[] = [
  [
    'IN of a recursive query that keeps the key',
    `select b.id from books b where b.tenant_id = $1 and b.id in (with recursive t (k, n) as (select book_id, 1 from pages union all select k, n + 1 from t where n < 2) select k from t)`,
    'acme',
  ],
  [
    'IN with a query about its rows',
    `select b.id from books b where b.tenant_id = $1 and b.id in (select p.book_id from pages p where p.id >= all (select id from pages o where o.book_id = p.book_id))`,
    'acme',
  ],
  [
    'a row IN groups',
    `select title from books where tenant_id = $1 and (id, 1) in (select book_id, count(*) from pages group by book_id)`,
    'acme',
  ],
  [
    'IN of rows that both arms have',
    `select title from books where tenant_id = $1 and id in (select book_id from pages intersect all select p.book_id from pages p)`,
    'acme',
  ],
  [
    'IN in HAVING of grouping sets',
    `select id from books where tenant_id = $1 group by grouping sets ((id), ()) having id in (select book_id from pages)`,
    'acme',
  ],
  [
    'IN of another owner column',
    'select id from takers where tenant_id = $1 and tenant_id in (select tenant_id from padded)',
    'acme',
  ],
  [
    'children of a row by IN',
    `select title from books where tenant_id = $1 and id in (select book_id from pages where body <> 'x')`,
    'acme',
  ],
  [
    'children of a row by = ANY',
    `select title from books where tenant_id = $1 and id = any (select book_id from pages where body <> 'x')`,
    'acme',
  ],
  [
    'rows of an owner column by IN',
    'select a.name from authors a where a.tenant_id = $1 and (a.tenant_id, a.id) in (select tenant_id, author_id from books)',
    'acme',
  ],
  [
    'IN under OR',
    `select title from books where tenant_id = $1 and (title = 'one' or id in (select book_id from pages where body = 'c'))`,
    'acme',
  ],
  [
    'IN under OR and AND',
    `select title from books where tenant_id = $1 and (title = 'x' or (id > 0 and id in (select book_id from pages where body = 'c')))`,
    'acme',
  ],
  [
    'IN in ON',
    `select a.name, b.title from authors a left join books b on b.tenant_id = a.tenant_id and b.author_id = a.id and b.id in (select book_id from pages where body = 'c') where a.tenant_id = $1`,
    'acme',
  ],
  [
    'IN in HAVING',
    'select b.id, count(*) from books b where b.tenant_id = $1 group by b.id having b.id in (select book_id from pages)',
    'acme',
  ],
  [
    'IN of groups',
    'select title from books where tenant_id = $1 and id in (select book_id from pages group by book_id having count(*) > 1)',
    'acme',
  ],
  [
    'IN of a derived table',
    'select title from books where tenant_id = $1 and id in (select k from (select p.book_id as k, row_number() over (partition by p.book_id order by p.id) as n from pages p) q where n = 1)',
    'acme',
  ],
  [
    'IN of a union',
    `select title from books where tenant_id = $1 and id in (select book_id from pages where body = 'c' union select book_id from pages where id < 3)`,
    'acme',
  ],
  [
    'IN of what is left by EXCEPT',
    `select title from books where tenant_id = $1 and id in (select book_id from pages except select p.book_id from pages p where p.body = 'c')`,
    'acme',
  ],
  [
    'IN of children of children',
    `select title from books where tenant_id = $1 and id in (select p.book_id from pages p join words w on w.page_id = p.id)`,
    'acme',
  ],
  [
    'IN of a nullable side',
    `select title from books where tenant_id = $1 and id in (select p.book_id from authors a left join pages p on p.id = a.id where a.tenant_id = $1)`,
    'acme',
  ],
  [
    'IN of rows of the same table',
    'select title from books where tenant_id = $1 and id in (select id from books)',
    'acme',
  ],
  [
    'a removal by IN',
    'delete from leaves l where l.tenant_id = $1 and (l.tenant_id, l.author_id) in (select tenant_id, author_id from books)',
    'acme',
  ],
  [
    'a change by IN',
    `update books set title = 'x' where tenant_id = $1 and id in (select book_id from pages where body = 'c') returning id`,
    'acme',
  ],
  [
    'IN that is NULL',
    `select c.name from customers c where c.tenant_id = $1 and nullif(c.city, 'Bern') is not null and (c.tenant_id, c.name) in (select o.tenant_id, o.name from customers o where o.city is null or o.id > 0)`,
    'acme',
  ],
  [
    'IN of a query of WITH',
    'with p as (select book_id from pages) select title from books where tenant_id = $1 and id in (select book_id from p)',
    'acme',
  ],
  [
    'IN in a query that sees the row',
    'select a.name, (select count(*) from books b where b.tenant_id = a.tenant_id and b.id in (select book_id from pages)) from authors a where a.tenant_id = $1',
    'acme',
  ],
]

export const leaking: readonly Refused[] = [
  [
    'IN with a query about other rows',
    'Page',
    `select id from books where tenant_id = $1 and id in (select p.book_id from pages p where p.id > (select avg(id) from pages))`,
    'acme',
  ],
  [
    'a row IN numbers over all rows',
    'Page',
    `select title from books where tenant_id = $1 and (id, 4) in (select book_id, count(*) over () from pages)`,
    'acme',
  ],
  [
    'a count IN a count',
    'Page',
    `select count(*) from books b where tenant_id = $1 having count(*) in (select count(*) from pages)`,
    'acme',
  ],
  [
    'NOT IN, where the other side may be NULL',
    'Author',
    'select name from authors where tenant_id = $1 and country not in (select country from authors where id > 10 union select 5)',
    'acme',
  ],
  [
    'NOT IN of rows that a nullable side makes up',
    'Page',
    `select title from books where tenant_id = $1 and id not in (select p.book_id from countries c left join pages p on p.id = c.id + 10 where c.id < 3)`,
    'acme',
  ],
  [
    'IN under NOT',
    'Role',
    `select title from books where tenant_id = $1 and not (title = 'x' or title in (select name from roles))`,
    'acme',
  ],
  [
    'IN in COALESCE',
    'Page',
    `select title from books where tenant_id = $1 and coalesce(id in (select p.book_id from countries c left join pages p on p.id = c.id + 10 where c.id < 3), true)`,
    'acme',
  ],
  [
    'whether IN is NULL',
    'Role',
    'select title from books where tenant_id = $1 and (title in (select name from roles)) is null',
    'acme',
  ],
  [
    'IN in SELECT, where the other side may be NULL',
    'Role',
    'select id, title in (select name from roles) from books where tenant_id = $1',
    'acme',
  ],
  [
    'IN of rows that are cut off',
    'Page',
    'select title from books where tenant_id = $1 and id in (select book_id from pages order by id desc limit 3)',
    'acme',
  ],
  [
    'IN of rows that are left out',
    'Page',
    'select title from books where tenant_id = $1 and id in (select book_id from pages order by id desc offset 2)',
    'acme',
  ],
  [
    'IN of an aggregate',
    'Page',
    'select title from books where tenant_id = $1 and id in (select max(book_id) - 10 from pages)',
    'acme',
  ],
  [
    'IN of numbers over all rows',
    'Page',
    'select title from books where tenant_id = $1 and id in (select k from (select book_id as k, count(*) over () as n from pages) q where n > 2)',
    'acme',
  ],
  [
    'IN of groups of another column',
    'Page',
    `select title from books where tenant_id = $1 and id in (select min(book_id) from pages group by body having count(*) > 1)`,
    'acme',
  ],
  [
    'IN of DISTINCT ON another column',
    'Page',
    `select title from books where tenant_id = $1 and id in (select k from (select distinct on (body) book_id as k, body from pages order by body, id desc) q)`,
    'acme',
  ],
  [
    'IN of another column',
    'Page',
    `select title from books where tenant_id = $1 and id in (select id - 10 from pages)`,
    'acme',
  ],
  [
    'IN of what is computed from a key',
    'Page',
    `select title from books where tenant_id = $1 and id in (select book_id - 10 from pages)`,
    'acme',
  ],
  [
    'a key that is computed, IN',
    'Page',
    `select title from books where tenant_id = $1 and id + 10 in (select book_id from pages)`,
    'acme',
  ],
  [
    '= ALL',
    'Page',
    `select title from books where tenant_id = $1 and id = all (select book_id from pages where id <> 2)`,
    'acme',
  ],
  [
    '<> ANY',
    'Page',
    `select title from books where tenant_id = $1 and id <> any (select book_id from pages where id > 10)`,
    'acme',
  ],
  [
    'IN of a row of anybody',
    'Book, Page',
    `select title from books where id in (select book_id from pages)`,
  ],
]

export const safeButRefused: readonly SafeButRefused[] = [
  [
    'NOT IN, where no side can be NULL',
    'NOT IN is taken for NULL where a row is NULL, and that columns are not is not looked into',
    'Page',
    'select title from books where tenant_id = $1 and id not in (select book_id from pages)',
    'acme',
  ],
  [
    'IN in SELECT, where no side can be NULL',
    'what IN is where it is not true is seen there, and that columns are not NULL is not looked into',
    'Page',
    'select title, id in (select book_id from pages) from books where tenant_id = $1',
    'acme',
  ],
]
