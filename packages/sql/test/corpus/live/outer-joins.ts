import type { Case, Refused, SafeButRefused } from '../case.ts'

export const accepted: readonly Case[] = [
  [
    'a query for what may be joined',
    `select a.name, (select max(p.body) from pages p where p.book_id = b.id) from authors a left join books b on b.id = a.id and b.tenant_id = a.tenant_id where a.tenant_id = $1`,
    'acme',
  ],
  [
    'the same in ORDER BY, by the owner',
    `select a.name from authors a left join books b on b.id = a.id and b.tenant_id = a.tenant_id where a.tenant_id = $1 order by (select count(*) from takers n where n.tenant_id = b.tenant_id), a.name`,
    'acme',
  ],
  [
    'the same in FILTER',
    `select count(*) filter (where exists (select 1 from pages p where p.book_id = b.id)) from authors a left join books b on b.id = a.id and b.tenant_id = a.tenant_id where a.tenant_id = $1`,
    'acme',
  ],
  [
    'the same where there may be none',
    `select a.name from authors a left join books b on b.id = a.id and b.tenant_id = a.tenant_id where a.tenant_id = $1 and (b.id is null or exists (select 1 from pages p where p.book_id = b.id))`,
    'acme',
  ],
  [
    'the same as a relation',
    `select a.name, x.n from authors a left join books b on b.id = a.id and b.tenant_id = a.tenant_id left join lateral (select count(*) as n from pages p where p.book_id = b.id) x on true where a.tenant_id = $1`,
    'acme',
  ],
  [
    'the same, not one of them',
    `select a.name from authors a left join books b on b.id = a.id and b.tenant_id = a.tenant_id where a.tenant_id = $1 and a.id not in (select p.id from pages p where p.book_id = b.id)`,
    'acme',
  ],
  [
    'a query in the argument of an aggregate, which is given rows that passed WHERE',
    'select c.id, x.n from countries c, lateral (select max((select count(*) from authors a where a.tenant_id = c.name) + b.id) as n from books b where b.tenant_id = $1 and b.tenant_id = c.name) x',
    'acme',
  ],
  [
    'a comparison with a literal',
    `select a.id from authors a left join countries c on a.tenant_id = $1 and c.id = a.country where c.name is not distinct from 'CH'`,
    'acme',
  ],
  [
    'IS NOT NULL makes the join inner',
    'select p.body from pages p left join books b on b.id = p.book_id and b.tenant_id = $1 where b.id is not null',
    'acme',
  ],
]

export const leaking: readonly Refused[] = [
  [
    'a query for the key of what is joined to others',
    'Page, Page',
    `select c.id, (select count(*) from pages p where p.book_id = c.id + 10), (select count(*) from pages p where p.book_id = c.id) from countries c left join books b on b.id = c.id and b.tenant_id = $1`,
    'acme',
  ],
  [
    'a query for the tenant of what nothing may be joined to',
    'Taker',
    `select c.name, (select count(*) from takers n where n.tenant_id = c.name) from countries c left join books b on b.tenant_id = c.name and b.tenant_id = $1`,
    'acme',
  ],
  [
    'a query for what is joined, or for others',
    'Page',
    `select a.name, (select count(*) from pages p where p.book_id = coalesce(b.id, p.book_id)) from authors a left join books b on b.id = a.id + 100 and b.tenant_id = a.tenant_id where a.tenant_id = $1`,
    'acme',
  ],
  [
    'a column',
    'Author',
    'select a.id from authors a left join countries c on a.tenant_id = $1 and c.id = a.country where c.name is not distinct from $2',
    'acme',
    null,
  ],
  [
    'a column, in one arm',
    'Author',
    `select a.id from authors a left join countries c on a.tenant_id = $1 and c.id = a.country where c.name = 'CH' or c.name is not distinct from $2`,
    'acme',
    null,
  ],
  [
    'a column of a full join',
    'Author',
    'select a.id from authors a full join countries c on a.tenant_id = $1 and c.id = a.country where c.name is not distinct from $2',
    'acme',
    null,
  ],
  [
    'a column, from above',
    'Author',
    'select d.id from (select a.id, c.name from authors a left join countries c on a.tenant_id = $1 and c.id = a.country) d where d.name is not distinct from $2',
    'acme',
    null,
  ],
  [
    'IS NULL',
    'Page',
    'select p.body from pages p left join books b on b.id = p.book_id and b.tenant_id = $1 where b.id is null',
    'acme',
  ],
  [
    'IS NOT NULL under OR',
    'Page',
    'select p.body from pages p left join books b on b.id = p.book_id and b.tenant_id = $1 where b.id is not null or p.id > 0',
    'acme',
  ],
  [
    'a key that is NULL as what a query finds',
    'Page',
    'select a.name, p.body from authors a left join pages p on p.book_id = a.id + 10 where a.tenant_id = $1 and p.book_id is not distinct from (select id from books where tenant_id = $1 and false)',
    'acme',
  ],
  [
    'what a query finds as a key that is NULL',
    'Page',
    'select a.name, p.body from authors a left join pages p on p.book_id = a.id + 10 where a.tenant_id = $1 and (select id from books where tenant_id = $1 and false) is not distinct from p.book_id',
    'acme',
  ],
  [
    'an owner that is equal, or NULL where a join made it up',
    'Role',
    'select u.id from roles u left join roles r on r.tenant_id = $1 and r.id = 99 where u.tenant_id = r.tenant_id or (r.tenant_id = u.tenant_id or r.tenant_id is null)',
    'acme',
  ],
]

export const safeButRefused: readonly SafeButRefused[] = [
  [
    'NOT of IS NULL',
    'NOT says nothing',
    'Page',
    'select p.body from pages p left join books b on b.id = p.book_id and b.tenant_id = $1 where not (b.id is null)',
    'acme',
  ],
  [
    'a strict comparison of a type that no key has',
    'only columns of the types of keys make a join inner',
    'Customer',
    'select o.id from customers c left join orders o on o.tenant_id = $1 and o.tenant_id = c.tenant_id where o.total = 30',
    'acme',
  ],
  [
    'equal, or the other one is NULL, or equal',
    'what OR says of NULL is said of one column only',
    'Role',
    'select u.id from roles u, roles r where r.tenant_id = $1 and (u.tenant_id = r.tenant_id or (r.tenant_id = u.tenant_id or r.tenant_id is null))',
    'acme',
  ],
]
