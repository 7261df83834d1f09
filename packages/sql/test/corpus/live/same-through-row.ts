import type { Case, Damaging, Refused, SafeButRefused } from '../case.ts'

/** Rows that belong to whoever owns their parent, known by the key of a row that was found. */
export const accepted: readonly Case[] = [
  [
    'a batch of rows that belong to others',
    'delete from pages where id in (select p.id from pages p join books b on b.id = p.book_id where b.tenant_id = $1 order by p.id limit 100)',
    'acme',
  ],
  [
    'a queue of rows that belong to others',
    `with next as materialized (select p.id from pages p join books b on b.id = p.book_id where b.tenant_id = $1 order by p.id limit 1 for update of p skip locked)
       update pages set body = 'x' from next where pages.id = next.id returning pages.id, pages.body`,
    'acme',
  ],
  [
    'rows that belong to others, found in USING',
    `delete from pages p using (select a.id from pages a join books b on b.id = a.book_id where b.tenant_id = $1 and a.body = 'c') x where x.id = p.id`,
    'acme',
  ],
  [
    'rows that belong to others, found in FROM',
    `update pages p set body = x.body || '!' from (select a.id, a.body from pages a join books b on b.id = a.book_id where b.tenant_id = $1) x where x.id = p.id returning p.id, p.body`,
    'acme',
  ],
  [
    'a page of rows that belong to others',
    `with page as (select p.id from pages p join books b on b.id = p.book_id where b.tenant_id = $1 order by p.id limit 2)
       select p.* from page join pages p on p.id = page.id order by p.id`,
    'acme',
  ],
  [
    'rows that belong to others, numbered',
    `delete from pages where id in (select id from (select p.id, row_number() over (partition by p.book_id order by p.id) as n
       from pages p join books b on b.id = p.book_id where b.tenant_id = $1) q where n > 1)`,
    'acme',
  ],
  [
    'a join of rows that belong to others with themselves',
    'select o.body from books b join pages p on p.book_id = b.id join pages o on o.id = p.id where b.tenant_id = $1',
    'acme',
  ],
  [
    'the children of a row that is known by its key',
    `with page as (select p.id from pages p join books b on b.id = p.book_id where b.tenant_id = $1 limit 9)
       select p.body, w.word from page join pages p on p.id = page.id left join words w on w.page_id = p.id`,
    'acme',
  ],
  [
    'a row of two parents',
    `delete from pairs where id in (select p.id from pairs p join books b on b.id = p.book_id join authors a on a.id = p.author_id
       where b.tenant_id = $1 and a.tenant_id = $1 order by p.id limit 9) returning id`,
    'acme',
  ],
  [
    'rows that belong to others on the nullable side',
    `select b.title, o.body from books b left join pages p on p.book_id = b.id left join pages o on o.id = p.id where b.tenant_id = $1`,
    'acme',
  ],
]

export const leaking: readonly Refused[] = [
  [
    'rows that belong to others, beside such that are missing',
    'Page',
    'select o.body from pages o left join (select p.id from pages p join books b on b.id = p.book_id where b.tenant_id = $1) x on x.id = o.id',
    'acme',
  ],
  [
    'a key of a table beside that of the row',
    'Page',
    'select body from pages where id in (select b.id + 10 from books b where b.tenant_id = $1)',
    'acme',
  ],
  [
    'the parent’s key for that of the row',
    'Page',
    'select body from pages where id in (select p.book_id + 10 from pages p join books b on b.id = p.book_id where b.tenant_id = $1)',
    'acme',
  ],
  [
    'rows by a column that is no key',
    'Page',
    'select o.id from pages o join pages p on p.body = o.body join books b on b.id = p.book_id where b.tenant_id = $1',
    'acme',
  ],
  [
    'rows whose twin is open',
    'Page, Page',
    'select o.body from pages o join pages p on p.id = o.id',
  ],
  [
    'rows whose twin is said not to be found',
    'Page',
    'select body from pages where id not in (select p.id from pages p join books b on b.id = p.book_id where b.tenant_id = $1)',
    'acme',
  ],
  [
    'a row of which one parent is known',
    'Pair, Pair',
    'select id from pairs where id in (select p.id from pairs p join books b on b.id = p.book_id where b.tenant_id = $1)',
    'acme',
  ],
  [
    'the key of a row of another table that belongs to others',
    'Page',
    'select o.body from marks m join pairs p on p.id = m.pair_id join books b on b.id = p.book_id join authors a on a.id = p.author_id join pages o on o.id = p.id + 10 where b.tenant_id = $1 and a.tenant_id = $1',
    'acme',
  ],
]

export const damaging: readonly Damaging[] = [
  [
    'a batch of rows whoever owns their parent',
    'Page, Page',
    'public.pages',
    'delete from pages where id in (select p.id from pages p order by p.id desc limit 1)',
  ],
  [
    'rows beside those that were found',
    'Page',
    'public.pages, public.words',
    'delete from pages p using (select a.id from pages a join books b on b.id = a.book_id where b.tenant_id = $1) x where x.id + 10 = p.id',
    'acme',
  ],
]

export const safeButRefused: readonly SafeButRefused[] = [
  [
    'a row that belongs to others and that the statement made',
    'a row that a statement makes is not one that it reads',
    'Page',
    `with made as (insert into pages (id, book_id) select 90, id from books where tenant_id = $1 and id = 1 returning id)
       select * from pages where id in (select id from made)`,
    'acme',
  ],
]
