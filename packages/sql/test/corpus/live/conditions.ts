import type { Case, Damaging, Refused, SafeButRefused } from '../case.ts'

export const accepted: readonly Case[] = [
  [
    'an arm of OR that says of the owner first what the other does not',
    'select b.id from books b join authors a on a.tenant_id = b.tenant_id where (b.tenant_id = a.tenant_id and b.tenant_id = $1) or (b.tenant_id = $1 and b.id = 1)',
    'acme',
  ],
  [
    'an arm of OR that says of the owner then what the other does not',
    'select b.id from books b join authors a on a.tenant_id = b.tenant_id where (b.tenant_id = $1 and b.tenant_id = a.tenant_id) or (b.tenant_id = $1 and b.id = 1)',
    'acme',
  ],
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
  [
    'an equality in either order in every arm',
    'select c.id from coded c, books b where b.tenant_id = $1 and ((c.tenant_id = b.tenant_id and c.id = 1) or (b.tenant_id = c.tenant_id and c.id = 2))',
    'acme',
  ],
  [
    'own rows by another column, or shared ones',
    'select r.name from roles r, books b where b.tenant_id = $1 and (r.tenant_id is null or r.tenant_id = b.tenant_id)',
    'acme',
  ],
  [
    'shared rows, or own ones by another column, turned',
    'select r.name from roles r, books b where b.tenant_id = $1 and (b.tenant_id = r.tenant_id or r.tenant_id is null)',
    'acme',
  ],
  [
    'OR of one thing',
    'select title from books where (tenant_id = $1 or tenant_id = $1) and (false or id = 1)',
    'acme',
  ],
  [
    'OR of NOT NULL',
    'select p.body from pages p left join books b on b.id = p.book_id and b.tenant_id = $1 where (b.id is not null and p.id = 1) or (b.id is not null and p.id = 2)',
    'acme',
  ],
]

export const leaking: readonly Refused[] = [
  [
    'OR of two parameters',
    'Book foreign_value',
    'select title from books where tenant_id = $1 or tenant_id = $2',
    'globex',
    'acme',
  ],
  [
    'OR of two parameters, the other way round',
    'Book foreign_value',
    'select title from books where tenant_id = $1 or tenant_id = $2',
    'acme',
    'globex',
  ],
  [
    'OR of two literals',
    'Book foreign_value',
    `select title from books where tenant_id = 'globex' or tenant_id = 'acme'`,
  ],
  [
    'OR of two columns, of which one is the tenant',
    'Book',
    'select b.title from books b, countries n, authors c where (b.tenant_id = n.name or b.tenant_id = c.tenant_id) and c.tenant_id = $1',
    'acme',
  ],
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
  [
    'a column that equals the tenant, or another tenant',
    'Role',
    'select r.name from roles r, books b where b.tenant_id = $1 and (r.tenant_id = b.tenant_id or r.tenant_id = $2)',
    'acme',
    'globex',
  ],
  [
    'another tenant, or a column that equals the tenant',
    'Role',
    'select r.name from roles r, books b where b.tenant_id = $1 and (r.tenant_id = $2 or r.tenant_id = b.tenant_id)',
    'acme',
    'globex',
  ],
  [
    'an equality with another column in each arm',
    'Coded',
    'select c.id from coded c, books b, currencies k where b.tenant_id = $1 and (c.tenant_id = b.tenant_id or c.tenant_id = k.code)',
    'acme',
  ],
  [
    'the tenant, or a column',
    'Coded',
    'select c.id from coded c, currencies k where c.tenant_id = $1 or c.tenant_id = k.code',
    'acme',
  ],
]

export const safeButRefused: readonly SafeButRefused[] = [
  [
    'OR with a query that confines in every arm',
    'in an arm of OR a query says nothing',
    'Page',
    'select body from pages where book_id in (select id from books where tenant_id = $1 and id = 1) or book_id in (select id from books where tenant_id = $1)',
    'acme',
  ],
]

export const damaging: readonly Damaging[] = [
  [
    'a column of shared and own rows, passed on',
    'Coded tenant_write',
    'public.coded',
    'insert into coded (id, tenant_id) select id, tenant_id from roles where tenant_id is null or tenant_id = $1',
    'acme',
  ],
]
