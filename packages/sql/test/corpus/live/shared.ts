import type { Case, Damaging, Refused, SafeButRefused } from '../case.ts'

export const accepted: readonly Case[] = [
  [
    'a row that is the tenant’s in both arms of UNION',
    `with d as (select id, tenant_id from plans where tenant_id = $1 or tenant_id is null)
     update plans set name = 'x' from d where plans.id in (select d.id where d.tenant_id = $1 union select d.id where $1 = d.tenant_id)`,
    'acme',
  ],
  [
    'own rows and shared ones',
    'select name from roles where tenant_id = $1 or tenant_id is null',
    'acme',
  ],
  [
    'in another order',
    'select name from roles where (tenant_id is null or $1 = tenant_id) and id > 0',
    'acme',
  ],
  ['own rows alone', 'select name from roles where tenant_id = $1', 'acme'],
  [
    'in a join',
    `select r.name from books b join roles r on r.id = b.id and (r.tenant_id = b.tenant_id or r.tenant_id is null)
      where b.tenant_id = $1`,
    'acme',
  ],
  [
    'in the ON of the nullable side',
    `select b.id, r.name from books b left join roles r on r.id > b.id and (r.tenant_id = $1 or r.tenant_id is null)
      where b.tenant_id = $1`,
    'acme',
  ],
  ['a change of own rows', `update roles set name = 'x' where tenant_id = $1`, 'acme'],
  ['those alone', 'select * from roles where tenant_id is null'],
  [
    'arms that say more',
    `select * from roles where (tenant_id = $1 and name = 'own0') or (tenant_id is null and name = 'admin')`,
    'acme',
  ],
  [
    'three arms',
    `select * from roles where tenant_id is null or tenant_id = $1 or tenant_id = 'acme'`,
    'acme',
  ],
  [
    'those of an outer join',
    'select b.id, r.name from books b left join roles r on r.tenant_id is null and r.id = b.id where b.tenant_id = $1',
    'acme',
  ],
  [
    'two conditions with OR, one of which confines',
    'select r.name from roles r, books b where b.tenant_id = $1 and (r.tenant_id = b.title or r.tenant_id is null) and (r.tenant_id = $1 or r.tenant_id is null)',
    'acme',
  ],
]

export const leaking: readonly Refused[] = [
  [
    'a filter above the nullable side',
    'Role',
    `select b.id, r.name from books b left join roles r on r.name = 'own10'
      where b.tenant_id = $1 and (r.tenant_id = $1 or r.tenant_id is null)`,
    'acme',
  ],
  [
    'a third arm',
    'Role',
    `select name from roles where tenant_id = $1 or tenant_id is null or name = 'own10'`,
    'acme',
  ],
  [
    'another column that is NULL',
    'Role',
    'select name from roles where tenant_id = $1 or name is null',
    'acme',
  ],
  [
    'a table of which it is not declared',
    'Coded',
    'select * from coded where tenant_id = $1 or tenant_id is null',
    'acme',
  ],
  ['what is not NULL', 'Role', 'select * from roles where tenant_id is not null'],
  ['NULL or a name', 'Role', `select * from roles where tenant_id is null or name like 'own%'`],
  [
    'rows that are missing',
    'Role',
    `select b.id from books b left join roles r on r.name = 'own10' where b.tenant_id = $1 and r.tenant_id is null`,
    'acme',
  ],
  ['not NULL turned', 'Role', 'select * from roles where not (tenant_id is null)'],
  ['a table that shares none', 'Coded', 'select * from coded where tenant_id is null'],
  [
    'equal or NULL, twice',
    'Page',
    'select p.body from pages p, notes n, books b where b.tenant_id = $1 and n.tenant_id = $1 and (n.book_id = p.book_id or n.book_id is null) and (n.book_id = b.id or n.book_id is null)',
    'acme',
  ],
  [
    'own or shared rows of another instance',
    'Role',
    'select r.name from roles r, roles q where q.tenant_id = $1 or q.tenant_id is null',
    'acme',
  ],
]

export const damaging: readonly Damaging[] = [
  [
    'a row that is the tenant’s in one arm of UNION',
    'Plan',
    'public.plans',
    `with d as (select id, tenant_id from plans where tenant_id = $1 or tenant_id is null)
     update plans set name = 'x' from d where plans.id in (select d.id where d.tenant_id = $1 union select d.id)`,
    'acme',
  ],
  [
    'the same in a query beside',
    'Plan',
    'public.plans',
    `with d as (select id, tenant_id from plans where tenant_id = $1 or tenant_id is null)
     update plans set name = 'x' from d, lateral (select d.id as k where d.tenant_id = $1 union all select d.id) x where plans.id = x.k`,
    'acme',
  ],
  [
    'a change of shared rows',
    'Role',
    'public.roles',
    `update roles set name = 'x' where tenant_id = $1 or tenant_id is null`,
    'acme',
  ],
  [
    'a removal of shared rows',
    'Role',
    'public.roles',
    'delete from roles where tenant_id = $1 or tenant_id is null',
    'acme',
  ],
  [
    'a row that would be shared',
    'Role tenant_write',
    'public.roles',
    'insert into roles (id, tenant_id) values (9, null)',
  ],
  [
    'a column passed on',
    'Coded tenant_write',
    'public.coded',
    'insert into coded (id, tenant_id) select id, tenant_id from roles where tenant_id = $1 or tenant_id is null',
    'acme',
  ],
  ['shared rows, removed', 'Role', 'public.roles', 'delete from roles where tenant_id is null'],
]

export const safeButRefused: readonly SafeButRefused[] = [
  [
    'own rows by EXISTS',
    'what a query says of a row around it does not confine that row',
    'Role',
    `select b.id, r.name from books b join roles r on exists (select 1 from countries c where r.tenant_id = b.tenant_id)
      where b.tenant_id = $1`,
    'acme',
  ],
  [
    'own or shared rows by EXISTS, compared with a constant',
    'what a query says of own or shared rows is not known outside of it',
    'Role',
    'select name from roles r where exists (select 1 from books b where b.tenant_id = $1 and (r.tenant_id = $1 or r.tenant_id is null))',
    'acme',
  ],
  [
    'own or shared rows by EXISTS',
    'what a query says of own or shared rows is not known outside of it',
    'Role',
    'select r.name from roles r where exists (select 1 from books b where b.tenant_id = $1 and (r.tenant_id = b.tenant_id or r.tenant_id is null))',
    'acme',
  ],
]
