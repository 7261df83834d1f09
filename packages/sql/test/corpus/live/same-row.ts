import type { Case, Refused, SafeButRefused } from '../case.ts'

export const accepted: readonly Case[] = [
  [
    'what else that row is joined with',
    'select a.name from (select id from books where tenant_id = $1 limit 1) k join books b on b.id = k.id join authors a on a.id = b.author_id and a.tenant_id = b.tenant_id',
    'acme',
  ],
  [
    'a batch',
    'delete from takers where id in (select id from takers where tenant_id = $1 order by id limit 100)',
    'acme',
  ],
  [
    'a queue',
    `update books set title = 'x' where id in
       (select id from books where tenant_id = $1 order by id limit 1 for update skip locked) returning id, title`,
    'acme',
  ],
  [
    'one of a queue',
    `update books set title = 'x' where id = (select id from books where tenant_id = $1 order by id limit 1) returning title`,
    'acme',
  ],
  [
    'a join with itself',
    'select a.title from books a join books b on b.id = a.id where b.tenant_id = $1',
    'acme',
  ],
  [
    'a page of keys',
    `with page as (select id from books where tenant_id = $1 order by id limit 2)
       select b.* from page join books b on b.id = page.id`,
    'acme',
  ],
  [
    'EXISTS',
    'select title from books b where exists (select 1 from books o where o.id = b.id and o.tenant_id = $1)',
    'acme',
  ],
  [
    'a row that is gone',
    `with gone as (delete from leaves where tenant_id = $1 returning tenant_id, author_id)
       select a.name from gone join authors a on a.id = gone.author_id and a.tenant_id = gone.tenant_id`,
    'acme',
  ],
  [
    'a join by the second of two keys',
    'select a.label from racks a join racks b on b.code = a.code where b.tenant_id = $1',
    'acme',
  ],
  [
    'a row of a union',
    'select b.title from books b join (select id from books where tenant_id = $1 union select id from books where tenant_id = $1) k on k.id = b.id',
    'acme',
  ],
  [
    'a join of the same rows on the nullable side',
    'select a.id, b.title from authors a left join books k on k.tenant_id = a.tenant_id and k.author_id = a.id left join books b on b.id = k.id where a.tenant_id = $1',
    'acme',
  ],
]

export const leaking: readonly Refused[] = [
  [
    'what a row on the nullable side is joined with',
    'Book, Author',
    'select a.name from (select id from shelves where tenant_id = $1) k left join books b on b.id = k.id right join authors a on a.tenant_id = b.tenant_id or b.id is null',
    'acme',
  ],
  [
    'a column that is no key',
    'Book',
    'select title from books where title in (select title from books where tenant_id = $1)',
    'acme',
  ],
  [
    'a key of two columns',
    'Author',
    'select * from authors where name in (select name from authors where tenant_id = $1)',
    'acme',
  ],
  [
    'another table’s key',
    'Book',
    'select title from books where id in (select id + 10 from authors where tenant_id = $1)',
    'acme',
  ],
  [
    'a nullable side',
    'Book',
    'select a.title from books a left join books b on b.id = a.id and b.tenant_id = $1',
    'acme',
  ],
  [
    'a key of another table',
    'Book',
    'select title from books where id in (select id from notes where tenant_id = $1)',
    'acme',
  ],
  [
    'a row that is known by a number',
    'Book, Book',
    'select a.title from books a join books b on b.id = a.id where b.id = 11',
  ],
]

export const safeButRefused: readonly SafeButRefused[] = [
  [
    'another row of the same tenant by EXISTS',
    'what a query says of a row around it does not confine that row',
    'Book',
    'select b.title from books b where exists (select 1 from authors a where a.tenant_id = $1 and a.tenant_id = b.tenant_id)',
    'acme',
  ],
  [
    'a row that the statement made',
    'a row that a statement makes is not one that it reads',
    'Shelf',
    `with made as (insert into shelves (id, tenant_id) values (7, $1) returning id)
       select * from shelves where id in (select id from made)`,
    'acme',
  ],
]
