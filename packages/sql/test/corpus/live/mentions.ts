import type { Case, Damaging, Refused } from '../case.ts'

const ofRecord = `select jsonb_to_record.id from jsonb_to_record('{"id": 1}') as (id int)`

/** Which mention of a relation a name means: with a schema the innermost of that table, however written. */
export const accepted: readonly Case[] = [
  [
    'a table by its whole name, mentioned without a schema',
    'select public.books.title from books where public.books.tenant_id = $1',
    'acme',
  ],
  [
    'a table of a statement that writes, likewise',
    'update takers set name = public.takers.name where public.takers.tenant_id = $1 returning public.takers.*',
    'acme',
  ],
  [
    'a view by its whole name',
    'select public.titles.title, titles.name from titles where public.titles.owner = $1',
    'acme',
  ],
  [
    'a table by its whole name, from below an alias of it',
    'select 1 from public.books where tenant_id = $1 and exists (select 1 from books b where b.tenant_id = $1 and b.id > public.books.id)',
    'acme',
  ],
  [
    'a table by its whole name, from below a query of WITH',
    'with books as (select id from authors where tenant_id = $1) select public.books.title from public.books where tenant_id = $1 and exists (select 1 from books where books.id = public.books.id)',
    'acme',
  ],
  [
    'the inner mention by its whole name, confined by itself',
    'select title from public.books where tenant_id = $1 and exists (select 1 from books where public.books.tenant_id = $1 and public.books.id > 1)',
    'acme',
  ],
  [
    'a function of pg_catalog by its own name',
    'select unnest.unnest from pg_catalog.unnest($1::int[])',
    [1],
  ],
  ['a function with a list of columns by its own name', ofRecord],
  [
    'functions together by the name of the first',
    'select unnest.unnest, unnest.generate_series from rows from (unnest($1::int[]), generate_series(1, 1))',
    [1],
  ],
  [
    'a document by the name of its function',
    `select json_table.a, json_table from json_table('[1]'::jsonb, '$[*]' columns (a int path '$'))`,
  ],
  [
    'a function that the grammar writes by its own name',
    `select extract.extract from extract(year from date '2026-05-05')`,
  ],
  [
    'an expression in FROM under a name',
    'select d, day.day from coalesce(1, 2) as d, current_date as day(day)',
  ],
]

export const leaking: readonly Refused[] = [
  [
    'a whole name that means the inner mention',
    'Book',
    'select public.books.* from public.books where exists (select 1 from books where books.tenant_id = $1 and public.books.id = books.id)',
    'acme',
  ],
  [
    'a whole name that means no mention under an alias, though it is the same word',
    'Book',
    'select title from books where tenant_id = $1 and exists (select 1 from books books where public.books.tenant_id = $1 and books.id > 0 and books.title is not null and books.id = public.books.id + 10)',
    'acme',
  ],
  [
    'a whole name that means no view under an alias, though it is the same word',
    'Book, Author',
    'select title from titles where owner = $1 and exists (select 1 from titles titles where public.titles.owner = $1 and titles.owner <> public.titles.owner)',
    'acme',
  ],
  [
    'a whole name that means the inner mention of what is owned through others',
    'Page',
    'select public.pages.* from public.pages where exists (select 1 from books b join pages on pages.book_id = b.id where public.pages.book_id = b.id and b.tenant_id = $1)',
    'acme',
  ],
  [
    'a whole name that means the inner mention of a view',
    'Book, Author',
    'select title from public.titles where exists (select 1 from titles where public.titles.owner = $1)',
    'acme',
  ],
  [
    'a name that a function of pg_catalog has by itself',
    'Book',
    'select title from books as unnest (unnest) where exists (select 1 from books b, pg_catalog.unnest($2::int4[]) where unnest.unnest = b.id and b.tenant_id = $1)',
    'acme',
    [1],
  ],
  [
    'a name that the first of some functions gives them all',
    'Book',
    'select title from books as unnest (unnest) where exists (select 1 from books b, rows from (unnest($2::int4[]), generate_series(1, 1)) where unnest.unnest = b.id and b.tenant_id = $1)',
    'acme',
    [1],
  ],
  [
    'a name that a function with a list of columns has by itself',
    'Book',
    `select title from books as jsonb_to_record where exists (select 1 from books b, jsonb_to_record('{"id": 1}') as (id int) where jsonb_to_record.id = b.id and b.tenant_id = $1)`,
    'acme',
  ],
  [
    'a name that an expression has by itself',
    '(unknown) unsupported',
    'select title from books as "coalesce" ("coalesce") where exists (select 1 from books b, coalesce(1, 2) where "coalesce"."coalesce" = b.id and b.tenant_id = $1)',
    'acme',
  ],
  [
    'a name that a day has by itself',
    '(unknown) unsupported',
    `select title from books as "current_date" (tenant_id, "current_date") where exists (select 1 from books b, current_date where b.tenant_id = $1 and "current_date"."current_date" is not null)`,
    'acme',
  ],
]

export const damaging: readonly Damaging[] = [
  [
    'a whole name that means the inner mention, in DELETE',
    'Taker',
    'public.takers',
    'delete from public.takers where exists (select 1 from takers where takers.tenant_id = $1 and public.takers.id = takers.id)',
    'acme',
  ],
  [
    'a name that a document has by itself',
    'Taker',
    'public.takers',
    `delete from takers as json_table where exists (select 1 from takers u, json_table('{"id": 1}', '$' columns (id int path '$.id')) where json_table.id = u.id and u.tenant_id = $1)`,
    'acme',
  ],
  [
    'a whole name that means the inner mention, in UPDATE',
    'Taker',
    'public.takers',
    `update public.takers set name = name || '!' where exists (select 1 from takers where takers.tenant_id = $1 and public.takers.id = takers.id)`,
    'acme',
  ],
]
