import type { Case, Refused } from '../case.ts'

export const accepted: readonly Case[] = [
  [
    'what every arm says',
    `select title from books where (tenant_id = $1 and id = 1) or (id = 2 and tenant_id = 'acme')`,
    'acme',
  ],
  [
    'IS NOT DISTINCT FROM the tenant',
    'select title from books where tenant_id is not distinct from $1',
    'acme',
  ],
]

export const leaking: readonly Refused[] = [
  [
    'an arm without the tenant',
    'Book',
    `select title from books where (tenant_id = $1 and id = 1) or title = 'one'`,
    'acme',
  ],
  [
    'an arm with another tenant',
    'Book foreign_value',
    `select title from books where tenant_id = $1 or tenant_id = 'globex'`,
    'acme',
  ],
  [
    'arms of two tables',
    'Book, Author',
    'select b.title from books b, authors a where b.tenant_id = $1 or a.tenant_id = $1',
    'acme',
  ],
  [
    'IS NOT DISTINCT FROM a parameter that is NULL',
    'Coded foreign_value, Book',
    'select title from coded c join books b on true where c.tenant_id is not distinct from $1',
    null,
  ],
  [
    'what every arm says, of two tenants',
    'Book foreign_value',
    `select title from books where (tenant_id = $1 and id = 11) or (id = 2 and tenant_id = 'acme')`,
    'globex',
  ],
]
