import type { Case, Damaging, Refused, SafeButRefused } from '../case.ts'

export const refused: readonly Refused[] = [
  [
    'an owner that is listed twice',
    '(unknown) unsupported',
    `insert into coded (tenant_id, id, tenant_id) values ($1, 1, 'x')`,
    'acme',
  ],
  [
    'an owner in parts',
    '(unknown) unsupported',
    'insert into coded (id, tenant_id[1]) values (1, $1)',
    'acme',
  ],
  [
    'the least owner of own rows',
    'Coded tenant_write',
    'insert into coded (id, tenant_id) select 9, min(tenant_id) from books where tenant_id = $1',
    'acme',
  ],
  [
    'an owner from an arm that may be NULL',
    'Place tenant_write',
    'insert into places (id, tenant_id) select 91, x.tenant_id from (select tenant_id from books where tenant_id = $1 union all select l.tenant_id from books b left join leaves l on l.tenant_id = b.tenant_id and false where b.tenant_id = $1 limit 3) x',
    'acme',
  ],
  [
    'what was set, given back',
    'Page',
    'update books set author_id = 1 where tenant_id = $1 returning (select count(*) from pages p where p.book_id = books.author_id)',
    'acme',
  ],
  [
    'a computed column, given back',
    'Account tenant_write',
    'update accounts set a = a where tenant_id = $1 returning code',
    'acme',
  ],
  [
    'an owner that is set in parts',
    'Coded tenant_write',
    `update coded set tenant_id[1] = 'x' where tenant_id = $1`,
    'acme',
  ],
  [
    'an owner that is set by a query',
    'Coded tenant_write',
    'update coded set (id, tenant_id) = (select b.id, b.tenant_id from books b where b.tenant_id = $1 and b.id = coded.id) where tenant_id = $1',
    'acme',
  ],
  [
    'a write to a view',
    '(unknown) unknown_relation',
    `insert into titles (title, owner) values ('x', $1)`,
    'acme',
  ],
  [
    'a write to a materialised view',
    '(unknown) unknown_relation',
    'delete from kept where tenant_id = $1',
    'acme',
  ],
  ['CURRENT OF', '(unknown) unsupported', 'update coded set id = 5 where current of c'],
]

export const accepted: readonly Case[] = [
  [
    'a column in parts',
    `insert into products (id, tenant_id, sku, price, tags[1]) values (51, $1, 's', 1, 'x')`,
    'acme',
  ],
  ['a value for every column', 'insert into coded values (7, $1)', 'acme'],
  [
    'a query for every column',
    'insert into coded select id, tenant_id from books where tenant_id = $1',
    'acme',
  ],
  ['a cast of the tenant', 'insert into coded (id, tenant_id) select 9, $1::text', 'acme'],
  ['a literal tenant', `insert into coded (id, tenant_id) select 9, 'acme'`],
  [
    'an owner by groups',
    'insert into coded (id, tenant_id) select count(*), tenant_id from books where tenant_id = $1 group by tenant_id',
    'acme',
  ],
  [
    'an owner by its number in a group',
    'insert into coded (id, tenant_id) select count(*), tenant_id from books where tenant_id = $1 group by 2',
    'acme',
  ],
  [
    'INSERT in WITH, given back',
    'with x as (insert into coded (id, tenant_id) values (7, $1) returning id, tenant_id) select a.name, x.id from x join authors a on a.tenant_id = x.tenant_id',
    'acme',
  ],
  [
    'a key and its owner, given back',
    `insert into books (id, tenant_id, title) values (91, $1, 'x') returning id, tenant_id, (select count(*) from authors a where a.tenant_id = books.tenant_id)`,
    'acme',
  ],
  [
    'a query of WITH under INSERT',
    'with x as (select id, tenant_id from books where tenant_id = $1) insert into coded (id, tenant_id) select id, tenant_id from x',
    'acme',
  ],
  [
    'a table whose name is old',
    'update coded as old set id = 3 where old.tenant_id = $1 returning old.id',
    'acme',
  ],
  [
    'a deleted owner, given back',
    'delete from leaves where tenant_id = $1 returning (select count(*) from books b where b.tenant_id = leaves.tenant_id)',
    'acme',
  ],
  [
    'a column that is set in parts',
    `update products set tags[1] = 'x' where tenant_id = $1`,
    'acme',
  ],
  [
    'an owner that is set to an owner',
    'update coded set tenant_id = b.tenant_id from books b where coded.tenant_id = $1 and b.tenant_id = $1 and b.id = coded.id',
    'acme',
  ],
  [
    'an owner that is set in a row',
    'update coded set (id, tenant_id) = (3, $1) where tenant_id = $1',
    'acme',
  ],
  [
    'an owner that is set in a row with ROW',
    'update coded set (id, tenant_id) = row(3, $1) where tenant_id = $1',
    'acme',
  ],
  ['ONLY', 'update only coded set id = 3 where tenant_id = $1', 'acme'],
  [
    'FROM with a left join',
    'update coded set id = a.id from books b left join authors a on a.tenant_id = b.tenant_id and a.id = b.author_id where coded.tenant_id = $1 and b.tenant_id = $1 and b.id = coded.id',
    'acme',
  ],
  [
    'a target on the nullable side of nobody',
    'update coded set id = 5 from books b where b.tenant_id = coded.tenant_id and b.tenant_id = $1 and b.id = coded.id',
    'acme',
  ],
  [
    'constants of the tenant in VALUES',
    `insert into coded (id, tenant_id) select 9, v.o from (values ('acme'::text), ('acme'::text)) as v (o)`,
  ],
  [
    'a deleted row beside its children',
    'delete from orders where tenant_id = $1 and id = 2 returning id, (select count(*) from order_items i where i.order_id = orders.id)',
    'acme',
  ],
  [
    'an owner that is kept, given back by its place',
    'with x as (update coded set id = 3 where tenant_id = $1 returning *) select a.name from x join authors a on a.tenant_id = x.tenant_id',
    'acme',
  ],
  [
    'an owner that is set, of a table with computed columns',
    'update accounts set tenant_id = $1 where tenant_id = $1',
    'acme',
  ],
]

export const leaking: readonly Refused[] = [
  [
    'an open query in an index of a column',
    'Book',
    `insert into products (id, tenant_id, sku, price, tags[(select count(*) from books)]) values (51, $1, 's', 1, 'x')`,
    'acme',
  ],
  [
    'what a change makes of a key, given back',
    'Book',
    'update leaves set id = id + 11 where tenant_id = $1 returning (select count(*) from books b where b.id = leaves.id)',
    'acme',
  ],
  [
    'an open query in an index of SET',
    'Book',
    `update products set tags[(select count(*) from books)] = 'x' where tenant_id = $1`,
    'acme',
  ],
]

export const damaging: readonly Damaging[] = [
  [
    'fewer values than columns',
    'Coded tenant_write',
    'public.coded',
    'insert into coded values (7)',
  ],
  [
    'a query with fewer columns',
    'Coded tenant_write',
    'public.coded',
    'insert into coded select id from books where tenant_id = $1',
    'acme',
  ],
  [
    'a query for no owner',
    'Coded tenant_write',
    'public.coded',
    'insert into coded (id) select id from books where tenant_id = $1',
    'acme',
  ],
  [
    'a query of VALUES with another tenant',
    'Coded tenant_write',
    'public.coded',
    `insert into coded (id, tenant_id) select * from (values (7, 'acme'), (8, 'globex')) as v`,
  ],
  [
    'a query of VALUES that nobody knows',
    'Coded tenant_write',
    'public.coded',
    `insert into coded (id, tenant_id) select * from (values (7, 'acme'), (8, lower('GLOBEX'))) as v`,
  ],
  [
    'a union of another tenant',
    'Coded tenant_write',
    'public.coded',
    'insert into coded (id, tenant_id) select id, tenant_id from books where tenant_id = $1 union all select 9, $2',
    'acme',
    'globex',
  ],
  [
    'a literal of another tenant',
    'Coded tenant_write',
    'public.coded',
    `insert into coded (id, tenant_id) select 9, 'globex'`,
  ],
  [
    'a number in a text column',
    'Coded tenant_write',
    'public.coded',
    'insert into coded (id, tenant_id) select 9, 5',
  ],
  [
    'an owner of a nullable side',
    'Place tenant_write',
    'public.places',
    'insert into places (id, tenant_id) select 9, l.tenant_id from books b left join leaves l on l.tenant_id = b.tenant_id and false where b.tenant_id = $1',
    'acme',
  ],
  [
    'an owner of ROLLUP',
    'Place tenant_write',
    'public.places',
    'insert into places (id, tenant_id) select 90 + count(*), tenant_id from books where tenant_id = $1 group by rollup (tenant_id)',
    'acme',
  ],
  [
    'an owner from a scalar query',
    'Place tenant_write',
    'public.places',
    'insert into places (id, tenant_id) values (91, (select tenant_id from books where tenant_id = $1 and false))',
    'acme',
  ],
  [
    'a filter above an INSERT',
    'Book, Coded tenant_write',
    'public.coded',
    'with x as (insert into coded (id, tenant_id) select id, tenant_id from books returning id, tenant_id) select id from x where tenant_id = $1',
    'acme',
  ],
  [
    'a filter above an UPDATE',
    'Coded',
    'public.coded',
    'with x as (update coded set id = id + 1 returning id, tenant_id) select id from x where tenant_id = $1',
    'acme',
  ],
  [
    'a filter above a MERGE',
    'Coded',
    'public.coded',
    'with x as (merge into coded c using (values (1)) v (id) on c.id = v.id when matched then update set id = 3 returning c.id, c.tenant_id) select id from x where tenant_id = $1',
    'acme',
  ],
  [
    'an owner that is set to another column',
    'Coded tenant_write',
    'public.coded',
    'update coded set tenant_id = b.title from books b where coded.tenant_id = $1 and b.tenant_id = $1 and b.id = coded.id',
    'acme',
  ],
  [
    'an owner that is set to the nullable side',
    'Place tenant_write',
    'public.places',
    'update places set tenant_id = l.tenant_id from books b left join leaves l on l.tenant_id = b.tenant_id and false where places.tenant_id = $1 and b.tenant_id = $1',
    'acme',
  ],
  [
    'an owner that is set to DEFAULT',
    'Place tenant_write',
    'public.places',
    'update places set tenant_id = default where tenant_id = $1',
    'acme',
  ],
  [
    'an owner that is set to NULL',
    'Place tenant_write',
    'public.places',
    'update places set tenant_id = null where tenant_id = $1',
    'acme',
  ],
  [
    'a key that is set to an owner',
    'Page tenant_write',
    'public.pages',
    'update pages set book_id = (select id from books where tenant_id = $1 and id = 1) where id = 12',
    'acme',
  ],
  [
    'UPDATE of everybody’s rows',
    '(unknown) tenant_write',
    'public.countries',
    `update countries set name = 'x' where id = 1`,
  ],
  [
    'MERGE into everybody’s rows',
    '(unknown) tenant_write',
    'public.countries',
    'merge into countries c using (values (1)) v (id) on c.id = v.id when matched then delete',
  ],
  [
    'INSERT into everybody’s rows',
    '(unknown) tenant_write',
    'public.countries',
    `insert into countries (id, name) values (9, 'x')`,
  ],
  [
    'a target behind a query of WITH',
    'Coded',
    'public.coded',
    'with coded as (select 1 as id) update coded set id = 3',
  ],
  [
    'a cascade of a row that a scalar query finds',
    'Author tenant_write',
    'public.notes, public.links',
    'delete from authors where id = (select id from authors where tenant_id = $1 order by id limit 1)',
    'acme',
  ],
  [
    'constants and a computed value in VALUES',
    'Coded tenant_write',
    'public.coded',
    `insert into coded (id, tenant_id) select 9, v.o from (values ('acme'::text), (lower('GLOBEX'))) as v (o)`,
  ],
  [
    'an owner that is set to a query that finds nothing',
    'Place tenant_write',
    'public.places',
    'update places set tenant_id = (select tenant_id from books where tenant_id = $1 and false) where tenant_id = $1',
    'acme',
  ],
  [
    'VALUES with an order',
    '(unknown) unsupported',
    'public.coded',
    'insert into coded (id, tenant_id) values (7, $1) order by 1',
    'globex',
  ],
]

export const safeButRefused: readonly SafeButRefused[] = [
  [
    'a union',
    'a parameter among the columns of a union has no type of its own',
    'Book, Coded tenant_write',
    'insert into coded (id, tenant_id) select id, tenant_id from books where tenant_id = $1 union all select 9, $1',
    'acme',
  ],
  [
    'old values',
    'old values are taken for anything',
    'Book',
    'update coded set id = id + 1 where tenant_id = $1 returning old.tenant_id, new.id, (select count(*) from books b where b.tenant_id = old.tenant_id)',
    'acme',
  ],
  [
    'new values under other names',
    'other names of old and new values are not read',
    '(unknown) unsupported',
    'update coded set id = id + 1 where tenant_id = $1 returning with (old as o, new as n) o.id, n.id',
    'acme',
  ],

  [
    'a key that is set, given back by its place',
    'a column that is set is not known any more',
    'Rack',
    'with x as (update racks set code = 25 where tenant_id = $1 returning *) select r.label from x join racks r on r.code = x.code',
    'acme',
  ],
  [
    'a parent that is set, given back',
    'a column that is set is not known any more',
    'Book',
    'update pages set book_id = (select id from books where tenant_id = $1 and id = 1) where book_id in (select id from books where tenant_id = $1) returning (select title from books b where b.id = pages.book_id)',
    'acme',
  ],
]
