import type { Case, Refused, SafeButRefused } from '../case.ts'

export const leaking: readonly Refused[] = [
  [
    'a recursive query whose columns change places',
    'Book foreign_value',
    `with recursive t(a, b, c, n) as (
       select k.x, k.z, $2::text, 1
       from (select tenant_id as x, tenant_id as y, tenant_id as z from authors where tenant_id = $1 and id = 1) k where k.x = k.y
       union all select t.c, t.a, t.c, t.n + 1 from t join books b on b.tenant_id = t.b where t.n < 4)
     select n from t`,
    'acme',
    'globex',
  ],
  [
    'an aggregate over no row, and a fact about the row around it',
    'Book',
    'select c.code, x.n from currencies c, lateral (select count(*) as k, (select count(*) from books b where b.tenant_id = c.code) as n from authors a where a.tenant_id = $1 and c.code = $1) x',
    'acme',
  ],
  [
    'an aggregate over no row, and an equality with the row around it',
    'Book',
    'select c.code, x.n from currencies c, lateral (select count(*) as k, (select count(*) from books b where b.tenant_id = c.code) as n from authors a where a.tenant_id = $1 and c.code = a.tenant_id) x',
    'acme',
  ],
  [
    'the same, turned',
    'Book',
    'select c.code, x.n from currencies c, lateral (select count(*) as k, (select count(*) from books b where b.tenant_id = c.code) as n from authors a where a.tenant_id = $1 and a.tenant_id = c.code) x',
    'acme',
  ],
  [
    'HAVING over no row',
    'Book',
    'select c.code, x.n from currencies c, lateral (select (select count(*) from books b where b.tenant_id = c.code) as n from authors a where a.tenant_id = $1 and c.code = $1 having true) x',
    'acme',
  ],
  [
    'an aggregate of the row around it',
    'Book',
    'select c.code, (select (select count(*) from books b where b.tenant_id = c.code) from currencies d where d.code = c.code and c.code = $1 having count(c.code) >= 0) from currencies c group by c.code',
    'acme',
  ],
  [
    'an aggregate of the level around it',
    'Book',
    'select c.code, x.n from currencies c, lateral (select (select count(a.id)) as k, (select count(*) from books b where b.tenant_id = c.code) as n from authors a where a.tenant_id = $1 and c.code = $1) x',
    'acme',
  ],
  [
    'an aggregate whose column may be of the level around it',
    'Book',
    `select c.code, x.n from currencies c, lateral (select (select count(id) from json_each('{}') j) as k, (select count(*) from books b where b.tenant_id = c.code) as n from authors a where a.tenant_id = $1 and c.code = $1) x`,
    'acme',
  ],
  [
    'an aggregate over an aggregate of a column of the level around it',
    'Book',
    'select c.code, x.n from currencies c, lateral (select (select count((select max(k.id + a.id) from countries k))) as k, (select count(*) from books b where b.tenant_id = c.code) as n from authors a where a.tenant_id = $1 and c.code = $1) x',
    'acme',
  ],
  [
    'a query in an aggregate of the level around it',
    'Book',
    'select c.code, (select max((select count(*) from books b where b.tenant_id = c.code)) from countries k where c.code = $1 having true) from currencies c group by c.code',
    'acme',
  ],
]

export const safeButRefused: readonly SafeButRefused[] = [
  [
    'a filter above a group by the key',
    'a column that another one determines is not grouped by',
    'Book',
    'select * from (select id, tenant_id, count(*) as n from books group by id) x where tenant_id = $1',
    'acme',
  ],
  [
    'a query in FROM of a row that WHERE drops',
    'a query in FROM sees nothing of the block around it',
    'Book',
    'select c.code from currencies c where exists (select 1 from (select 1 from books b where b.tenant_id = c.code) x where c.code = $1)',
    'acme',
  ],
]

export const accepted: readonly Case[] = [
  [
    'an aggregate of its own level in a query',
    'select c.code, x.n from currencies c, lateral (select (select count(k.id + a.id) from countries k) as k, (select count(*) from books b where b.tenant_id = c.code) as n from authors a where a.tenant_id = $1 and c.code = $1) x',
    'acme',
  ],
]
