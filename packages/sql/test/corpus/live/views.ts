import type { Case, Refused } from '../case.ts'

export const accepted: readonly Case[] = [
  ['a filter above', 'select title from titles where owner = $1', 'acme'],
  ['a filter above a group', 'select books from counts where tenant_id = $1', 'acme'],
  ['a filter inside', 'select * from own_titles'],
  [
    'a view under another name, with other columns',
    'select v.t from titles v (t, o) where v.o = $1',
    'acme',
  ],
  [
    'a view beside a table',
    'select t.name from books b join titles t on t.owner = b.tenant_id and t.title = b.title where b.tenant_id = $1',
    'acme',
  ],
]

export const leaking: readonly Refused[] = [
  ['an open view', 'Book, Author', 'select * from titles'],
  ['a view over everybody', 'Book', 'select * from totals'],
]

export const refused: readonly Refused[] = [
  [
    'a materialised view',
    '(unknown) unknown_relation',
    'select * from kept where tenant_id = $1',
    'acme',
  ],
  [
    'a view as a target',
    '(unknown) unknown_relation',
    `update titles set title = 'x' where owner = $1`,
    'acme',
  ],
]
