import type { Case, Damaging, Refused, SafeButRefused } from '../case.ts'

export const accepted: readonly Case[] = [
  [
    'a key that a number tells, and a row of the tenant’s',
    `select p.body from pages p join (select b.id, c.id as other from books b join books c on c.id = b.id where c.tenant_id = $1 and b.id = $2) k
       on k.id = p.book_id and k.other = k.id`,
    'acme',
    1,
  ],
  [
    'a number among keys',
    'select name from countries where 1 in (select id from books where tenant_id = $1)',
    'acme',
  ],
  [
    'the row of a scalar query',
    'select body from pages where book_id = (select id from books where tenant_id = $1 and id = 1)',
    'acme',
  ],
  [
    'the row of a scalar query, turned',
    'select body from pages where (select id from books where tenant_id = $1 limit 1) = book_id',
    'acme',
  ],
  [
    'the key of a scalar query in INSERT',
    `insert into pages (id, book_id) values (90, (select id from books where tenant_id = $1 and id = 1)),
       (91, (select id from books where tenant_id = $1 and id = 2))`,
    'acme',
  ],
  [
    'the key of a scalar query in SET',
    `update pages set book_id = (select id from books where tenant_id = $1 order by id desc limit 1)
       where book_id in (select id from books where tenant_id = $1)`,
    'acme',
  ],
  [
    'the key of a scalar query in a SELECT that is inserted',
    'insert into pages (id, book_id) select 93, (select id from books where tenant_id = $1 and id = 1)',
    'acme',
  ],
  [
    'rows of a union',
    `select body from pages where book_id in
       (select id from books where tenant_id = $1 and id = 1 union select id from books where tenant_id = $1)`,
    'acme',
  ],
  ['rows of columns', 'select * from books where (tenant_id, id) in (($1, 1), ($1, 2))', 'acme'],
  [
    'rows of columns that a query gives',
    'select body from pages where (book_id, id) in (select id, 1 from books where tenant_id = $1)',
    'acme',
  ],
  [
    'a key that is set to itself',
    `update pages set book_id = book_id, body = 'x' where book_id in (select id from books where tenant_id = $1)`,
    'acme',
  ],
  [
    'a key that equals one',
    `update pages set book_id = o.book_id from pages o join books b on b.id = o.book_id
       where b.tenant_id = $1 and pages.id = o.id and pages.book_id = b.id`,
    'acme',
  ],
  [
    'the child of a child',
    `with b as (insert into books (id, tenant_id, title) values (91, $1, 'new') returning id),
            p as (insert into pages (id, book_id) select 92, id from b returning id)
       insert into words (page_id, word) select id, 'w' from p`,
    'acme',
  ],
  [
    'a key that an update leaves as it is',
    `update books set title = 'x' where tenant_id = $1
       returning id, (select count(*) from pages p where p.book_id = books.id)`,
    'acme',
  ],
  [
    'a key that an upsert leaves as it is',
    `insert into takers (id, tenant_id, name) values (11, $1, 'tom')
       on conflict (tenant_id, name) do update set name = excluded.name
       returning (select count(*) from books b where b.tenant_id = takers.tenant_id)`,
    'acme',
  ],
  [
    'a key of a query that hangs on the rows around it',
    'select p.body from authors a, pages p where a.tenant_id = $1 and p.book_id in (select b.id from books b where b.tenant_id = a.tenant_id and b.author_id = a.id)',
    'acme',
  ],
  [
    'a key by = SOME',
    'select body from pages where book_id = some (select id from books where tenant_id = $1)',
    'acme',
  ],
  [
    'EXISTS of an outer join that was made inner',
    'select p.body from pages p where exists (select 1 from shelves s left join books b on b.id = p.book_id and b.tenant_id = $1 where s.tenant_id = $1 and b.title is not null)',
    'acme',
  ],
  [
    'EXISTS of what was written',
    `with x as (update books set title = 'x' where tenant_id = $1 returning id) select p.body from pages p where exists (select 1 from x where x.id = p.book_id)`,
    'acme',
  ],
  [
    'EXISTS of a query in FROM',
    'select p.body from pages p where exists (select 1 from (select id from books where tenant_id = $1) b where b.id = p.book_id)',
    'acme',
  ],
  [
    'EXISTS of a query in FROM that sees the row',
    'select p.body from pages p where exists (select 1 from lateral (select 1 from books b where b.tenant_id = $1 and b.id = p.book_id) x)',
    'acme',
  ],
]

export const leaking: readonly Refused[] = [
  [
    'a scalar query that is open',
    'Page, Book',
    'select id from pages where book_id = (select id from books order by id desc limit 1)',
  ],
  [
    'a scalar query that is NULL',
    'Page',
    'select body from pages where nullif(book_id, book_id) is not distinct from (select id from books where tenant_id = $1 and false)',
    'acme',
  ],
  [
    'a scalar query of another column',
    'Page',
    'select body from pages where book_id = (select id + 10 from books where tenant_id = $1 and id = 1)',
    'acme',
  ],
  [
    'a union with an arm of numbers',
    'Page',
    'select body from pages where book_id in (select id from books where tenant_id = $1 union select 11)',
    'acme',
  ],
  [
    'rows of columns with another tenant',
    'Book foreign_value',
    `select * from books where (tenant_id, id) in (($1, 1), ('globex', 11))`,
    'acme',
  ],
  [
    'columns of a row in another order',
    'Page',
    'select body from pages where (id, book_id) in (select id, 11 from books where tenant_id = $1 union select id + 10, id + 10 from books where tenant_id = $1)',
    'acme',
  ],
  [
    'a key that the upsert may have found in place',
    'Word, Page tenant_write',
    `with p as (insert into pages (id, book_id) select 11, id from books where tenant_id = $1 and id = 2
         on conflict (id) do nothing returning id)
       select word from words join p on p.id = words.page_id`,
    'acme',
  ],
  [
    'a scalar query beside a scalar query that is NULL',
    'Page',
    'select body from pages where (select id from books where tenant_id = $1 and false) is not distinct from nullif(book_id, book_id)',
    'acme',
  ],
  [
    'a key that a union with another order of columns gives',
    'Page',
    'select body from pages where (book_id, id) in (select id, 1 from books where tenant_id = $1 union select 11, 11)',
    'acme',
  ],
  [
    'a key by <> ANY',
    'Page',
    'select body from pages where book_id <> any (select id from books where tenant_id = $1)',
    'acme',
  ],
  [
    'a key by = ALL',
    'Page',
    'select body from pages where book_id = all (select id from books where tenant_id = $1 and false)',
    'acme',
  ],
  [
    'a key by < ANY',
    'Page',
    'select body from pages where book_id < any (select id + 20 from books where tenant_id = $1)',
    'acme',
  ],
  [
    'EXISTS of an outer join',
    'Page',
    'select p.body from pages p where exists (select 1 from shelves s left join books b on b.id = p.book_id and b.tenant_id = $1 where s.tenant_id = $1)',
    'acme',
  ],
  [
    'EXISTS of a recursive query',
    'Page',
    'with recursive t as (select id, tenant_id from books where tenant_id = $1 union all select t.id + 10, t.tenant_id from t where t.id < 5) select p.body from pages p where exists (select 1 from t where t.id = p.book_id)',
    'acme',
  ],
]

export const damaging: readonly Damaging[] = [
  [
    'the key of a scalar query that is open',
    'Book, Page tenant_write',
    'public.pages',
    'insert into pages (id, book_id) values (90, (select max(id) from books))',
  ],
  [
    'one row of two with a number',
    'Page tenant_write',
    'public.pages',
    'insert into pages (id, book_id) values (90, (select id from books where tenant_id = $1 and id = 1)), (91, 11)',
    'acme',
  ],
  [
    'a key that is set to a number',
    'Page tenant_write',
    'public.pages, public.words',
    'update pages set book_id = 11 where book_id in (select id from books where tenant_id = $1)',
    'acme',
  ],
  [
    'a key that is set to another column',
    'Page tenant_write',
    'public.pages, public.words',
    'update pages set book_id = id + 10 where book_id in (select id from books where tenant_id = $1)',
    'acme',
  ],
  [
    'a key that an update changes',
    'Shelf tenant_write, Book',
    'public.places',
    `update shelves set id = id + 11 where tenant_id = $1
       returning id, (select count(*) from books b where b.id = shelves.id)`,
    'acme',
  ],
]

export const safeButRefused: readonly SafeButRefused[] = [
  [
    'a key of a rollup',
    'a row of grouping sets may be of no group',
    'Page',
    'select body from pages where book_id in (select id from books where tenant_id = $1 group by rollup (id))',
    'acme',
  ],
  [
    'a key in an array of a query',
    'an array that a query makes is not looked into',
    'Page',
    'select body from pages where book_id = any (array(select id from books where tenant_id = $1))',
    'acme',
  ],
]
