import type { Case, Damaging, Refused, SafeButRefused } from '../case.ts'

export const accepted: readonly Case[] = [
  [
    'a filter above a query of WITH',
    'with b as (select id, tenant_id from books) select p.* from pages p join b on b.id = p.book_id where b.tenant_id = $1',
    'acme',
  ],
  [
    'a filter above a derived table, in EXISTS',
    'select p.* from pages p where exists (select from (select * from books) b where b.id = p.book_id and b.tenant_id = $1) and p.book_id in (select id from (select * from books) b where tenant_id = $1)',
    'acme',
  ],
  [
    'a filter above a derived table, where rows are changed',
    `update books b set title = x.title from (select id, tenant_id, title from books) x where x.id = b.id and x.tenant_id = $1`,
    'acme',
  ],
  [
    'the key of a row beside it',
    'insert into pages (id, book_id, body) select p.id + 100, p.book_id, p.body from pages p join books b on b.id = p.book_id where b.tenant_id = $1',
    'acme',
  ],
  [
    'the key of a row that goes',
    'with gone as (delete from words w using pages p, books b where p.id = w.page_id and b.id = p.book_id and b.tenant_id = $1 returning w.page_id, w.word) insert into words (page_id, word) select page_id, word from gone',
    'acme',
  ],
  [
    'what LATERAL finds',
    'select p.body from pages p join lateral (select b.title from books b where b.id = p.book_id and b.tenant_id = $1) x on true',
    'acme',
  ],
  [
    'what LATERAL finds, after an outer join that must find it',
    'select p.body from pages p left join lateral (select b.id from (select * from books where tenant_id = $1 and id = p.book_id) b) x on true where x.id is not null',
    'acme',
  ],
  [
    'what LATERAL finds for a row before it',
    'select a.id, p.body from authors a cross join lateral (select b.id from books b where b.tenant_id = a.tenant_id and b.author_id = a.id order by b.id limit 1) l join pages p on p.book_id = l.id where a.tenant_id = $1',
    'acme',
  ],
  [
    'what LATERAL finds in one of two queries',
    'select l.id, p.body from authors a cross join lateral (select b.id from books b where b.tenant_id = a.tenant_id union all (select x.id from books x where x.tenant_id = a.tenant_id limit 1)) l left join pages p on p.book_id = l.id where a.tenant_id = $1',
    'acme',
  ],
  [
    'LATERAL in LATERAL',
    'select t.* from authors a left join lateral (select b.title, w.word from (select c.id, c.title from books c where c.tenant_id = a.tenant_id and c.author_id = a.id limit 2) b left join lateral (select d.word from pages p join words d on d.page_id = p.id where p.book_id = b.id) w on true) t on true where a.tenant_id = $1',
    'acme',
  ],
  [
    'a join',
    'select p.body from pages p join books b on b.id = p.book_id where b.tenant_id = $1',
    'acme',
  ],
  [
    'a join that is turned',
    'select p.body from books b left join pages p on p.book_id = b.id where b.tenant_id = $1',
    'acme',
  ],
  [
    'IN',
    'select body from pages where book_id in (select id from books where tenant_id = $1)',
    'acme',
  ],
  [
    '= ANY',
    'select body from pages where book_id = any (select id from books where tenant_id = $1)',
    'acme',
  ],
  [
    'EXISTS',
    'select body from pages p where exists (select 1 from books b where b.id = p.book_id and b.tenant_id = $1)',
    'acme',
  ],
  [
    'a query in SELECT',
    'select b.title, (select count(*) from pages p where p.book_id = b.id) from books b where b.tenant_id = $1',
    'acme',
  ],
  [
    'a derived table',
    'select p.body from (select id from books where tenant_id = $1) b join pages p on p.book_id = b.id',
    'acme',
  ],
  [
    'a query of WITH',
    'with own as (select id from books where tenant_id = $1) select p.body from pages p join own on own.id = p.book_id',
    'acme',
  ],
  [
    'two parents',
    `select l.book_id from links l join books b on b.id = l.book_id join authors a on a.id = l.author_id
      where b.tenant_id = $1 and a.tenant_id = $1`,
    'acme',
  ],
  [
    'a parent with a parent',
    'select w.word from words w join pages p on p.id = w.page_id join books b on b.id = p.book_id where b.tenant_id = $1',
    'acme',
  ],
  [
    'a change',
    `update pages set body = 'x' from books b where b.id = pages.book_id and b.tenant_id = $1`,
    'acme',
  ],
  [
    'a removal',
    'delete from pages where book_id in (select id from books where tenant_id = $1)',
    'acme',
  ],
  [
    'an insert from a parent',
    `insert into pages (id, book_id, body) select 90 + id, id, 'x' from books where tenant_id = $1`,
    'acme',
  ],
  [
    'an insert beside its parent',
    `with b as (insert into books (id, tenant_id, title) values (91, $1, 'new') returning id)
      insert into pages (id, book_id) select 92, id from b`,
    'acme',
  ],
  [
    'a locked queue',
    `update pages set body = 'x' where book_id in (select id from books where tenant_id = $1 for update skip locked)`,
    'acme',
  ],
  [
    'a parent that is known twice',
    'select w.word from words w, pages p, books b, books c where p.id = w.page_id and p.book_id = c.id and p.book_id = b.id and c.id = $2 and b.tenant_id = $1',
    'acme',
    1,
  ],
  [
    'a grandchild of two parents',
    'select m.mark from marks m join pairs p on p.id = m.pair_id join books b on b.id = p.book_id join authors a on a.id = p.author_id where b.tenant_id = $1 and a.tenant_id = $1',
    'acme',
  ],
]

export const leaking: readonly Refused[] = [
  [
    'a filter above one of two mentions of a query',
    'Book, Page',
    'with b as (select id, tenant_id from books) select p.body from b c join b on true join pages p on p.book_id = b.id where c.tenant_id = $1',
    'acme',
  ],
  [
    'what LATERAL finds for rows of anybody',
    'Author, Book, Page',
    'select p.body from authors a cross join lateral (select b.id from books b where b.tenant_id = a.tenant_id) l join pages p on p.book_id = l.id',
  ],
  [
    'what LATERAL finds beside the row before it',
    'Book, Page',
    'select p.body from authors a cross join lateral (select b.id from books b) l join pages p on p.book_id = l.id where a.tenant_id = $1',
    'acme',
  ],
  [
    'what one of two queries in LATERAL finds for anybody',
    'Book, Page',
    'select p.body from authors a cross join lateral (select b.id from books b where b.tenant_id = a.tenant_id union all select x.id from books x) l join pages p on p.book_id = l.id where a.tenant_id = $1',
    'acme',
  ],
  [
    'what LATERAL finds where it need not be joined',
    'Page',
    'select p.body from (select a.id as author, l.id from authors a cross join lateral (select b.id from books b where b.tenant_id = a.tenant_id) l where a.tenant_id = $1) x right join pages p on p.book_id = x.id',
    'acme',
  ],
  [
    'what LATERAL may not find',
    'Page',
    'select p.body from pages p left join lateral (select b.id from books b where b.id = p.book_id and b.tenant_id = $1) x on true',
    'acme',
  ],
  [
    'LATERAL over an aggregate',
    'Page',
    'select p.body from pages p join lateral (select count(*) as n from books b where b.id = p.book_id and b.tenant_id = $1) x on true',
    'acme',
  ],
  ['nothing', 'Page', 'select body from pages'],
  [
    'another key',
    'Page',
    'select p.body from pages p join notes n on n.id = p.book_id where n.tenant_id = $1',
    'acme',
  ],
  [
    'a parent that is open',
    'Page, Book',
    'select p.body from pages p join books b on b.id = p.book_id',
  ],
  [
    'a parent on the nullable side',
    'Page',
    'select p.body from pages p left join books b on b.id = p.book_id and b.tenant_id = $1',
    'acme',
  ],
  [
    'NOT IN',
    'Page',
    'select body from pages where book_id not in (select id from books where tenant_id = $1)',
    'acme',
  ],
  [
    'OR',
    'Page',
    `select body from pages where book_id in (select id from books where tenant_id = $1) or body = 'b11'`,
    'acme',
  ],
  [
    'another column of the parent',
    'Page',
    'select body from pages where book_id in (select author_id * 11 from books where tenant_id = $1)',
    'acme',
  ],
  [
    'a query that always emits a row',
    'Page',
    'select body from pages where book_id in (select count(*) + 9 from books where tenant_id = $1)',
    'acme',
  ],
  [
    'EXISTS over an aggregate',
    'Page',
    'select body from pages p where exists (select count(*) from books b where b.id = p.book_id and b.tenant_id = $1)',
    'acme',
  ],
  [
    'one of two parents',
    'Link',
    'select l.book_id, l.author_id from links l join books b on b.id = l.book_id where b.tenant_id = $1',
    'acme',
  ],
  [
    'a query that says of itself what confines it',
    'Page',
    'select body from pages where book_id in (select id from books where tenant_id = $1) and book_id in (select o.book_id from pages o order by o.id desc limit 1)',
    'acme',
  ],
  [
    'a key of a recursive query’s own making',
    'Page',
    'with recursive t (k) as (select id from books where tenant_id = $1 union all select t.k + 10 from t join pages p on p.book_id = t.k where t.k < 20) select count(*) from t',
    'acme',
  ],
  [
    'a column of the parent that is not its key',
    'OrderItem',
    'select i.line from order_items i join orders o on o.customer_id = i.order_id where o.tenant_id = $1',
    'acme',
  ],
  [
    'a grandchild of one of two parents',
    'Mark, Pair',
    'select m.mark from marks m join pairs p on p.id = m.pair_id join books b on b.id = p.book_id where b.tenant_id = $1',
    'acme',
  ],
]

export const refused: readonly Refused[] = [
  [
    'what LATERAL finds by what it is compared with',
    'Book, Page',
    'select p.body from authors a cross join lateral (select b.id from books b where b.id = a.id) l join pages p on p.book_id = l.id where l.id = a.id and a.tenant_id = $1',
    'acme',
  ],
]

export const damaging: readonly Damaging[] = [
  [
    'a key from the caller',
    'Page tenant_write',
    'public.pages',
    'insert into pages (id, book_id) values (90, 11)',
  ],
  [
    'a new parent',
    'Page tenant_write',
    'public.pages, public.words',
    'update pages set book_id = 11 from books b where b.id = pages.book_id and b.tenant_id = $1',
    'acme',
  ],
  [
    'a key that was changed on the way',
    'Page tenant_write',
    'public.pages',
    `with b as (update books set author_id = 2 where tenant_id = $1 returning id + 10 as id)
      insert into pages (id, book_id) select 92 + id, id from b`,
    'acme',
  ],
]

export const safeButRefused: readonly SafeButRefused[] = [
  [
    'the greatest key of a query',
    'an aggregate gives a row although it found none',
    'Page',
    'select body from pages where book_id in (select max(id) from books where tenant_id = $1)',
    'acme',
  ],
  [
    'keys that USING compares across types',
    'an equality across types gives nothing',
    'Page',
    'select p.body from (select id as book_id from jobs where tenant_id = $1) j join pages p using (book_id) join (select id as book_id from books where tenant_id = $1) b using (book_id)',
    'acme',
  ],
]
