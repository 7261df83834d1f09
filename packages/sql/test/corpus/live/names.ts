import type { Case, Refused } from '../case.ts'

export const accepted: readonly Case[] = [
  [
    'a column that only one of two tables has',
    'select title from books b join authors a on a.tenant_id = b.tenant_id where b.tenant_id = $1 and name is not null',
    'acme',
  ],
  ['a table with rules, read', 'select * from ruled where tenant_id = $1', 'acme'],
]

export const leaking: readonly Refused[] = [
  [
    'a function of the row',
    '(unknown) unsupported',
    'select c.tally from coded c where c.tenant_id = $1',
    'acme',
  ],
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
]
