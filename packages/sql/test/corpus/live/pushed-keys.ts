import type { Case, Refused } from '../case.ts'

/** Keys that a block compares with those of queries in its FROM. */
export const accepted: readonly Case[] = [
  [
    'the source of a MERGE that inserts nothing',
    `merge into books b using (select book_id, count(*) as n from pages group by book_id) x on x.book_id = b.id and b.tenant_id = $1 when matched then update set title = b.title || x.n`,
    'acme',
  ],
  [
    'sums in a query that sees the row',
    `select b.id, (select sum(x.n) from (select book_id, count(*) as n from pages group by book_id) x where x.book_id = b.id) from books b where b.tenant_id = $1`,
    'acme',
  ],
  [
    'a query about each row of a derived table',
    `select b.id, p.n from books b join (select book_id, (select count(*) from pages o where o.book_id = p.book_id) as n from pages p) p on p.book_id = b.id where b.tenant_id = $1`,
    'acme',
  ],
  [
    'a nullable side that must be there',
    `select b.id, x.k from (select book_id as k from pages) x left join books b on x.k = b.id and b.tenant_id = $1 where b.id is not null`,
    'acme',
  ],
  [
    'a key of a derived table, inserted',
    `insert into pages (id, book_id, body) select 900 + x.k, x.k, 'n' || x.n from (select book_id as k, count(*) as n from pages group by book_id) x join books b on b.id = x.k where b.tenant_id = $1`,
    'acme',
  ],
  [
    'a key that is a number, and that of a row beside it',
    'select p.body from (select * from pages) p join books b on b.id = p.book_id where b.tenant_id = $1 and p.book_id = $2',
    'acme',
    1,
  ],
  [
    'a derived table joined by the key',
    'select b.id, p.body from books b join (select * from pages) p on p.book_id = b.id where b.tenant_id = $1',
    'acme',
  ],
  [
    'sums joined by the key',
    `select o.id, l.sum from orders o left join (select order_id, sum(quantity * price) as sum from order_items group by order_id) l
       on l.order_id = o.id where o.tenant_id = $1`,
    'acme',
  ],
  [
    'sums in WITH, joined by the key',
    `with l as (select order_id, sum(quantity) as sum from order_items group by order_id having count(*) > 0)
       select o.id, l.sum from orders o left join l on l.order_id = o.id where o.tenant_id = $1`,
    'acme',
  ],
  [
    'sums in WITH that is materialized, mentioned twice',
    `with l as materialized (select order_id, sum(quantity) as sum from order_items group by order_id)
       select o.id, l.sum, (select count(*) from l m where m.order_id = o.id) from orders o join l on l.order_id = o.id where o.tenant_id = $1`,
    'acme',
  ],
  [
    'the first by a row number',
    `select b.id, p.body from books b left join (select book_id, body, row_number() over (partition by book_id order by id desc) as n from pages) p
       on p.book_id = b.id and p.n = 1 where b.tenant_id = $1`,
    'acme',
  ],
  [
    'the first by DISTINCT ON',
    `select b.id, p.body from books b left join (select distinct on (book_id) book_id, body from pages order by book_id, id desc) p
       on p.book_id = b.id where b.tenant_id = $1`,
    'acme',
  ],
  [
    'the first by DISTINCT ON more columns, one of them by its place',
    `select b.id, p.body from books b join (select distinct on (p.body, 1) p.book_id as k, p.body from pages p order by p.body, 1, id) p
       on p.k = b.id where b.tenant_id = $1`,
    'acme',
  ],
  [
    'the first by DISTINCT ON an owner column',
    `select title from (select distinct on (tenant_id) tenant_id, title from books order by tenant_id, id) b where tenant_id = $1`,
    'acme',
  ],
  [
    'an owner to the first of each, by the name of an output beside one of no name',
    'select x.title from (select distinct on (t) b.tenant_id as t, b.id + 1, b.title from books b order by t, b.id) x where x.t = $1',
    'acme',
  ],
  [
    'an owner to the first of each, by the whole name of a column beside an output of no name',
    'select x.title from (select distinct on (b.tenant_id) b.tenant_id as t, b.id + 1, b.title from books b order by b.tenant_id, b.id) x where x.t = $1',
    'acme',
  ],
  [
    'an owner to the first of each, by the name of a column that no output has',
    'select x.title from (select distinct on (tenant_id) b.tenant_id as t, b.title from books b order by tenant_id, b.id) x where x.t = $1',
    'acme',
  ],
  [
    'a change by sums',
    `update books b set title = b.title || x.n from (select book_id, count(*) as n from pages group by book_id) x
       where x.book_id = b.id and b.tenant_id = $1 returning b.id, b.title`,
    'acme',
  ],
  [
    'keys of keys',
    `select b.id, w.n from books b join (select p.book_id, count(w.word) as n from pages p left join words w on w.page_id = p.id group by p.book_id) w
       on w.book_id = b.id where b.tenant_id = $1`,
    'acme',
  ],
  [
    'a derived table in a derived table',
    `select b.id, q.n from books b join (select k, sum(n) as n from (select book_id as k, count(*) as n from pages group by book_id) a group by k) q
       on q.k = b.id where b.tenant_id = $1`,
    'acme',
  ],
  [
    'arms of a union',
    `select b.id, k.what from books b join (select book_id, body as what from pages union select book_id, 'more' from pages where id > 1) k
       on k.book_id = b.id where b.tenant_id = $1`,
    'acme',
  ],
  [
    'arms of EXCEPT',
    `select b.id, k.body from books b join (select book_id, body from pages except select p.book_id, w.word from pages p join words w on w.page_id = p.id) k
       on k.book_id = b.id where b.tenant_id = $1`,
    'acme',
  ],
  [
    'steps that keep the key',
    `with recursive t (k, n) as (select book_id, 1 from pages union select t.k, t.n + 1 from t join pages p on p.book_id = t.k where t.n < 3)
       select b.id, t.n from books b join t on t.k = b.id where b.tenant_id = $1`,
    'acme',
  ],
  [
    'two keys',
    `select b.id, a.id from books b join (select book_id, author_id, count(*) as n from pairs group by book_id, author_id) x on x.book_id = b.id
       join authors a on a.id = x.author_id and a.tenant_id = b.tenant_id where b.tenant_id = $1`,
    'acme',
  ],
  [
    'an owner column that is compared with that of a row beside it',
    'select a.name, b.n from authors a join (select tenant_id, author_id, count(*) as n from books group by tenant_id, author_id) b on b.tenant_id = a.tenant_id and b.author_id = a.id where a.tenant_id = $1',
    'acme',
  ],
  [
    'a derived table whose key a query finds',
    'select p.body from (select * from pages) p where p.book_id in (select id from books where tenant_id = $1)',
    'acme',
  ],
  [
    'a derived table that sees a row around it, which the block beside speaks of',
    `select a.name, (select count(*) from books b, (select * from pages p where p.book_id = a.country) q where b.id = a.country and b.tenant_id = $1) from authors a where a.tenant_id = $1`,
    'acme',
  ],
]

export const leaking: readonly Refused[] = [
  [
    'rows that are alike in an output whose name only PostgreSQL knows',
    'Page',
    `select b.id, q.body from books b join (select distinct on (book_id) (select 1 as book_id), p.book_id as k, p.body from pages p order by book_id, p.id desc) q on q.k = b.id where b.tenant_id = $1`,
    'acme',
  ],
  [
    'the same of owners',
    'Book',
    `select title from (select distinct on (tenant_id) (select 1 as tenant_id), b.tenant_id as k, b.title from books b order by tenant_id, b.id desc) q where k = $1`,
    'acme',
  ],
  [
    'the same of the name of a type',
    'Page',
    `select b.id, q.body from books b join (select distinct on (int4) 1::int, p.int4 as k, p.body from pages p (id, int4, body) order by 1, p.id desc) q on q.k = b.id where b.tenant_id = $1`,
    'acme',
  ],
  [
    'the source of a MERGE that inserts',
    'Page',
    `merge into books b using (select book_id, count(*) as n from pages group by book_id) x on x.book_id = b.id and b.tenant_id = $1 when matched then update set title = b.title || x.n when not matched then insert (id, tenant_id, title) values (x.book_id + 100, $1, 'x')`,
    'acme',
  ],
  [
    'a count in LATERAL, compared',
    'Page',
    `select b.id, q.n from books b cross join lateral (select count(*) as n from pages p) q where b.tenant_id = $1 and q.n = b.id`,
    'acme',
  ],
  [
    'a query about other rows in a derived table',
    'Page',
    `select b.id, p.body from books b join (select book_id, body from pages p where (select count(*) from pages o where o.id > p.id) < 2) p on p.book_id = b.id where b.tenant_id = $1`,
    'acme',
  ],
  [
    'a nullable side that must not be there',
    'Page',
    `select b.id, x.k from (select book_id as k from pages) x left join books b on x.k = b.id and b.tenant_id = $1 where b.id is null`,
    'acme',
  ],
  [
    'a key of a row that was changed',
    'Shelf tenant_write, Book',
    `update shelves set id = id + 11 where tenant_id = $1 returning (select count(*) from (select * from books) q where q.id = shelves.id)`,
    'acme',
  ],
  [
    'another key in a derived table',
    'Page',
    'select b.id, p.body from books b join (select * from pages) p on p.id = b.id + 10 where b.tenant_id = $1',
    'acme',
  ],
  [
    'the key of a row that is open',
    'Book, Page',
    'select b.id, p.body from books b join (select * from pages) p on p.book_id = b.id',
  ],
  [
    'a number that is no key',
    'Page',
    'select a.id, p.body from notes a join (select * from pages) p on p.book_id = a.id where a.tenant_id = $1',
    'acme',
  ],
  [
    'sums on the preserved side',
    'OrderItem',
    `select o.id, l.sum from orders o right join (select order_id, sum(quantity) as sum from order_items group by order_id) l
       on l.order_id = o.id and o.tenant_id = $1`,
    'acme',
  ],
  [
    'rows cut off below the key',
    'Page',
    'select b.id, p.body from books b left join (select * from pages order by id desc limit 1) p on p.book_id = b.id where b.tenant_id = $1',
    'acme',
  ],
  [
    'rows left out below the key',
    'Page',
    'select b.id, p.body from books b join (select * from pages order by id desc offset 1) p on p.book_id = b.id where b.tenant_id = $1',
    'acme',
  ],
  [
    'numbers over all rows',
    'Page',
    'select b.id, p.n from books b join (select book_id, row_number() over (order by id desc) as n from pages) p on p.book_id = b.id where b.tenant_id = $1',
    'acme',
  ],
  [
    'numbers over another column',
    'Page',
    `select b.id, p.n from books b join (select book_id, count(*) over (partition by body) as n from pages) p on p.book_id = b.id where b.tenant_id = $1`,
    'acme',
  ],
  [
    'one of two windows',
    'Page',
    `select b.id, p.n from books b join (select book_id, count(*) over (partition by book_id) as m, count(*) over () as n from pages) p on p.book_id = b.id where b.tenant_id = $1`,
    'acme',
  ],
  [
    'sums over another column',
    'Page',
    `select b.id, p.n from books b join (select max(book_id) - 10 as book_id, body, count(*) as n from pages group by body) p on p.book_id = b.id where b.tenant_id = $1`,
    'acme',
  ],
  [
    'a sum of all',
    'Page',
    'select b.id, p.n from books b join (select count(*) as n, min(book_id) as book_id from pages) p on p.book_id = b.id where b.tenant_id = $1',
    'acme',
  ],
  [
    'sums of grouping sets',
    'Page',
    `select b.id, p.n from books b join (select coalesce(book_id, 1) as k, count(*) as n from pages group by rollup (book_id)) p on p.k = b.id where b.tenant_id = $1`,
    'acme',
  ],
  [
    'DISTINCT ON another column',
    'Page',
    `select b.id, p.body from books b join (select distinct on (body) book_id, body from pages order by body, id desc) p on p.book_id = b.id where b.tenant_id = $1`,
    'acme',
  ],
  [
    'DISTINCT ON another column, cut off',
    'Page',
    `select b.id, p.body from books b join (select distinct on (book_id) book_id, body from pages order by book_id desc limit 1) p on p.book_id <= b.id + 10 and p.book_id = b.id where b.tenant_id = $1`,
    'acme',
  ],
  [
    'DISTINCT ON an owner column by another name',
    'Book',
    `select title from (select distinct on (tenant_id) title, title as tenant_id, tenant_id as owner from books order by tenant_id, books.tenant_id desc) b where owner = $1`,
    'acme',
  ],
  [
    'an arm of a union that gives another column',
    'Note',
    `select b.id, k.what from books b join (select book_id, body as what from pages union all select id, 'note' from notes) k
       on k.book_id = b.id where b.tenant_id = $1`,
    'acme',
  ],
  [
    'steps that leave the key',
    'Page',
    `with recursive t (k, body) as (select book_id, body from pages where id > 10 union all select t.k - 10, t.body from t where t.k > 10)
       select b.id, t.body from books b join t on t.k = b.id where b.tenant_id = $1`,
    'acme',
  ],
  [
    'a nullable side in a derived table',
    'Page',
    `select b.id, p.body from books b left join (select l.id, p.body, p.book_id from books l left join pages p on p.book_id = l.id + 10 where l.tenant_id = $1) p on p.id = b.id where b.tenant_id = $1`,
    'acme',
  ],
  [
    'one of two keys',
    'Pair',
    `select b.id, x.n from books b join (select book_id, count(*) as n from pairs group by book_id) x on x.book_id = b.id where b.tenant_id = $1`,
    'acme',
  ],
  [
    'a key in the ON of a FULL join',
    'Page',
    'select b.id, p.body from (select * from books where tenant_id = $1) b full join (select * from pages) p on p.book_id = b.id',
    'acme',
  ],
  [
    'a key under OR',
    'Page',
    'select b.id, p.body from books b join (select * from pages) p on p.book_id = b.id or p.id = 11 where b.tenant_id = $1',
    'acme',
  ],
  [
    'a derived table whose key a query does not find',
    'Page',
    'select p.body from (select * from pages) p where p.book_id not in (select id from books where tenant_id = $1)',
    'acme',
  ],
]

/** The rows by which it would show are in no world. */
export const refused: readonly Refused[] = [
  [
    'what is said of a row, of the rows below it',
    'Book',
    'select q.k, q.s from (select c.id as k, e.name as nm, sum((select count(*) from books z where z.id = c.id and z.tenant_id = e.name)) over (partition by c.id) as s from countries c cross join countries e) q join countries d on d.id = q.k where q.nm = $1',
    'acme',
  ],
  [
    'constants of three levels, of which one is another tenant',
    'Book foreign_value',
    `select * from (select * from (select tenant_id as a from books) x where x.a in ($1)) y
       where y.a in ($2) and y.a in ($3)`,
    'acme',
    'acme',
    'globex',
  ],
  [
    'constants of three levels, of which the outermost is another tenant',
    'Book foreign_value',
    `select * from (select * from (select * from (select tenant_id as a from books) w where w.a = $2) x
       where x.a = $1) y where y.a = 'globex' and y.a = $1`,
    'acme',
    'acme',
  ],
]
