import type { Case, Refused, SafeButRefused } from '../case.ts'

export const leaking: readonly Refused[] = [
  [
    'a filter above a step that counts what other rows lead to',
    'Book',
    `with recursive r as (select id, tenant_id, 0::bigint as n from books
       union all select id, tenant_id, count(*) over () from r where n = 0)
     select * from r where tenant_id = $1`,
    'acme',
  ],
  [
    'a filter above a step that numbers a few of what other rows lead to',
    'Book',
    `with recursive r as (select id, tenant_id, 0 as n from books
       union all (select id, tenant_id, n + 1 from r where n < 1 order by id desc limit 1))
     select * from r where tenant_id = $1`,
    'acme',
  ],
  [
    'a filter above a step that keeps one of what other rows lead to',
    'Book',
    `with recursive r as (select id, tenant_id, 0 as n from books
       union all (select distinct on (n) id, tenant_id, n + 1 from r where n < 1 order by n, id desc))
     select * from r where tenant_id = $1`,
    'acme',
  ],
  [
    'a filter above a step that skips what other rows lead to',
    'Book',
    `with recursive r as (select id, tenant_id, 0 as n from books
       union all (select r.id, tenant_id, n + 1 from r, countries c where n < 1 order by r.id desc, c.id offset 3))
     select * from r where tenant_id = $1`,
    'acme',
  ],
  [
    'a recursive query that gives the tenant from its second step on',
    'Book',
    `with recursive t(k, n) as (
       select code, 1 from currencies
       union all select a.tenant_id, t.n + 1 from t join authors a on a.tenant_id = $1 join books b on b.tenant_id = t.k where t.n < 3)
     select n from t`,
    'acme',
  ],
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
]

export const accepted: readonly Case[] = [
  [
    'a query in FROM of a row that WHERE drops',
    'select c.code from currencies c where exists (select 1 from (select 1 from books b where b.tenant_id = c.code) x where c.code = $1)',
    'acme',
  ],
  [
    'a filter above a step that counts rows of the tenant alone',
    `with recursive r as (select id, tenant_id, 0::bigint as n from books
       union all select id, tenant_id, count(*) over (partition by tenant_id) from r where n = 0)
     select * from r where tenant_id = $1`,
    'acme',
  ],
  [
    'a recursive query in the step of another one',
    `with recursive t(id, tenant_id) as (
       select id, tenant_id from authors where tenant_id = $1
       union select k.id, k.tenant_id from t join (
         with recursive s(id, tenant_id) as (
           select id, tenant_id from books where tenant_id = $1
           union select b.id, b.tenant_id from s join books b on b.tenant_id = s.tenant_id)
         select id, tenant_id from s) k on k.tenant_id = t.tenant_id)
     select a.name from t join authors a on a.tenant_id = t.tenant_id`,
    'acme',
  ],
  [
    'a step that only some of the rows before it can take',
    `with recursive t(id, tenant_id, n) as (
       select id, tenant_id, 1 from books where tenant_id = $1
       union all select t.id, t.tenant_id, t.n + 1 from t where t.n < 3 and t.tenant_id = $2)
     select id, n from t`,
    'acme',
    'globex',
  ],
  [
    'an aggregate of its own level in a query',
    'select c.code, x.n from currencies c, lateral (select (select count(k.id + a.id) from countries k) as k, (select count(*) from books b where b.tenant_id = c.code) as n from authors a where a.tenant_id = $1 and c.code = $1) x',
    'acme',
  ],
]
