import type { Case, Damaging, Refused } from '../case.ts'

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
]

export const leaking: readonly Refused[] = [
  [
    'a whole name that means the inner mention',
    'Book',
    'select public.books.* from public.books where exists (select 1 from books where books.tenant_id = $1 and public.books.id = books.id)',
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
    'a whole name that means the inner mention, in UPDATE',
    'Taker',
    'public.takers',
    `update public.takers set name = name || '!' where exists (select 1 from takers where takers.tenant_id = $1 and public.takers.id = takers.id)`,
    'acme',
  ],
]
