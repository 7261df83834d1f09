import type { Case, Damaging, Refused, SafeButRefused } from '../case.ts'

export const accepted: readonly Case[] = [
  [
    'a key with the owner',
    `insert into takers (id, tenant_id, name) values (11, $1, 'tom') on conflict (tenant_id, name) do update set name = excluded.name`,
    'acme',
  ],
  [
    'the constraint of such a key',
    `insert into takers (id, tenant_id, name) values (11, $1, 'tom') on conflict on constraint takers_tenant_id_name_key do nothing`,
    'acme',
  ],
  [
    'nothing to be done where that may be told',
    `insert into takers (id, tenant_id, name) values (11, $1, 'tom') on conflict do nothing`,
    'acme',
  ],
  [
    'a key with the owner and an expression',
    `insert into authors (id, tenant_id, name) values (91, $1, 'ANN') on conflict (tenant_id, lower(name)) do nothing`,
    'acme',
  ],
  [
    'what is changed of a row that a key of expressions meets',
    `insert into authors (id, tenant_id, name) values (91, $1, 'ANN') on conflict (lower(name), tenant_id) do update set name = excluded.name returning id, name`,
    'acme',
  ],
  [
    'a table without keys',
    'insert into coded (id, tenant_id) values (1, $1) on conflict do nothing',
    'acme',
  ],
  [
    'the key of a partitioned table that all its partitions have',
    `insert into events values (50, $1, '2026-05-05') on conflict (tenant_id, id, day) do nothing`,
    'acme',
  ],
  [
    'the owner compared with the row that was to be inserted',
    `insert into takers (id, tenant_id, name) values (1, $1, 'tim') on conflict (id) do update set name = excluded.name where takers.tenant_id = excluded.tenant_id returning name`,
    'acme',
  ],
  [
    'the owner set to the owner',
    `insert into takers (id, tenant_id, name) values (1, $1, 'tom') on conflict (tenant_id, name) do update set tenant_id = takers.tenant_id, name = 'x'`,
    'acme',
  ],
  [
    'a row that refers to others, in conflict',
    `insert into words (page_id, word) select p.id, 'x' from pages p join books b on b.id = p.book_id where b.tenant_id = $1 on conflict do nothing`,
    'acme',
  ],
  [
    'a key of two parents, in conflict',
    'insert into "_CategoryToPost" ("A", "B") select c.id, p.id from "Category" c, "Post" p where c."tenantId" = $1 and p."tenantId" = $1 on conflict do nothing',
    'acme',
  ],
  [
    'a key of two parents by its columns, in conflict',
    'insert into "_CategoryToPost" ("A", "B") select c.id, p.id from "Category" c, "Post" p where c."tenantId" = $1 and p."tenantId" = $1 on conflict ("A", "B") do nothing',
    'acme',
  ],
  [
    'a key that an upsert gives back',
    `insert into counters (tenant_id, name, n) values ($1, 'hits', 1) on conflict (tenant_id, name) do update set n = 7 returning n, (select count(*) from orders o where o.tenant_id = counters.tenant_id)`,
    'acme',
  ],
  [
    'the owner set to itself, of a row of a query',
    `insert into takers (id, tenant_id, name) select 11, tenant_id, 'tom' from books where tenant_id = $1 and id = 1 on conflict (tenant_id, name) do update set tenant_id = takers.tenant_id, name = 'x'`,
    'acme',
  ],
  [
    'the owner of a row of a query',
    `insert into takers (id, tenant_id, name) select 11, tenant_id, 'tom' from books where tenant_id = $1 and id = 1 on conflict (tenant_id, name) do update set tenant_id = excluded.tenant_id returning name`,
    'acme',
  ],
  [
    'every column of a row that is owned through another',
    `insert into order_items (order_id, line, product_id, quantity, price) select id, 1, 1, 9, 9 from orders where tenant_id = $1
       on conflict (order_id, line) do update set order_id = excluded.order_id, line = excluded.line,
         product_id = excluded.product_id, quantity = excluded.quantity, price = excluded.price returning quantity`,
    'acme',
  ],
]

/** Accepted where the schema declares that a key may tell: nobody’s rows change. */
export const oracles: readonly Case[] = [
  [
    'a key without the owner where that may be told, and the owner is compared',
    `insert into takers (id, tenant_id, name) values (11, $1, 'tim') on conflict (id) do update set name = 'x' where takers.tenant_id = excluded.tenant_id`,
    'acme',
  ],
]

export const leaking: readonly Refused[] = [
  [
    'a key without the owner, where nothing may be told',
    'Author tenant_write',
    'insert into authors (id, tenant_id) values (11, $1) on conflict do nothing',
    'acme',
  ],
  [
    'a key of a partition',
    'Event tenant_write',
    `insert into events values (11, $1, '2026-05-05') on conflict do nothing`,
    'acme',
  ],
]

export const damaging: readonly Damaging[] = [
  [
    'the key of another row, of another column of the one that was to be inserted',
    'OrderItem tenant_write',
    'public.order_items',
    `insert into order_items (order_id, line, product_id, quantity, price) select id, 1, 1, 11, 9 from orders where tenant_id = $1 and id = 1
       on conflict (order_id, line) do update set order_id = excluded.quantity, line = 77`,
    'acme',
  ],
  [
    'a key of an expression without the owner',
    'Rack tenant_write',
    'public.racks',
    `insert into racks (id, tenant_id, label, code) values (91, $1, 'top', 15) on conflict (label, (code + 0)) do update set label = 'x'`,
    'acme',
  ],
  [
    'the same with another column in brackets',
    'Rack tenant_write',
    'public.racks',
    `insert into racks (id, tenant_id, label, code) values (91, $1, 'top', 15) on conflict ((label), (code + 0)) do update set label = 'x'`,
    'acme',
  ],
  [
    'a key without the owner',
    'Taker tenant_write',
    'public.takers',
    `insert into takers (id, tenant_id, name) values (11, $1, 'tom') on conflict (id) do update set name = 'x'`,
    'acme',
  ],
  [
    'a comparison with somebody else',
    'Taker tenant_write',
    'public.takers',
    `insert into takers (id, tenant_id, name) values (11, $1, 'tom') on conflict (id) do update set name = 'x' where takers.tenant_id = 'globex'`,
    'acme',
  ],
  [
    'the constraint of such a key',
    'Taker tenant_write',
    'public.takers',
    `insert into takers (id, tenant_id, name) values (11, $1, 'tom') on conflict on constraint takers_pkey do update set name = 'x'`,
    'acme',
  ],
  [
    'the owner set to another column',
    'Taker tenant_write',
    'public.takers',
    `insert into takers (id, tenant_id, name) values (1, $1, 'tom') on conflict (tenant_id, name) do update set tenant_id = excluded.name`,
    'acme',
  ],
  [
    'a WHERE of another tenant',
    'Taker tenant_write',
    'public.takers',
    `insert into takers (id, tenant_id, name) values (11, $1, 'tim') on conflict (id) do update set name = 'x' where takers.tenant_id = $2`,
    'acme',
    'globex',
  ],
]

export const safeButRefused: readonly SafeButRefused[] = [
  [
    'a key with a collation',
    'a key with a collation is not looked up',
    'Author tenant_write',
    `insert into authors (id, tenant_id, name, country) values (91, $1, 'Ann', 1) on conflict (tenant_id, name collate "C", country) do nothing`,
    'acme',
  ],
  [
    'a key with a class of operators',
    'a key with a class of operators is not looked up',
    'Author tenant_write',
    `insert into authors (id, tenant_id, name) values (91, $1, 'Ann') on conflict (tenant_id, name text_ops) do nothing`,
    'acme',
  ],
]

export const refused: readonly Refused[] = [
  [
    'an open query in an expression of the key',
    'Book',
    `insert into takers (id, tenant_id, name) values (11, $1, 'tom') on conflict (tenant_id, lower((select title from books limit 1))) do nothing`,
    'acme',
  ],
  [
    'an open query in the WHERE of the key',
    'Book',
    `insert into takers (id, tenant_id, name) values (11, $1, 'tom') on conflict (tenant_id, name) where exists (select 1 from books) do nothing`,
    'acme',
  ],
  [
    'a constraint that is not there',
    'Author tenant_write',
    `insert into authors (id, tenant_id, name) values (91, $1, 'Ann') on conflict on constraint nothing do nothing`,
    'acme',
  ],
  [
    'a key with an expression alone',
    'Author tenant_write',
    `insert into authors (id, tenant_id, name) values (91, $1, 'Ann') on conflict ((id + 0)) do nothing`,
    'acme',
  ],
  [
    'columns that are no key',
    'Book tenant_write',
    `insert into books (id, tenant_id, title) values (91, $1, 'x') on conflict (tenant_id, title) do nothing`,
    'acme',
  ],
  [
    'the owner set to that of another row that was to be inserted',
    'Taker tenant_write',
    `insert into takers (id, tenant_id, name) select 1, b.tenant_id, a.tenant_id from books b, authors a where b.tenant_id = $1 and a.tenant_id = $1 and b.id = 1 on conflict (tenant_id, name) do update set tenant_id = excluded.name`,
    'acme',
  ],
  [
    'the owner set to the name of the tenant',
    'Taker tenant_write',
    `insert into takers (id, tenant_id, name) values (1, $1, 'tom') on conflict (tenant_id, name) do update set tenant_id = 'globex'`,
    'acme',
  ],
  [
    'everybody’s rows that may be written',
    '(unknown) tenant_write',
    `insert into countries (id, name) values (1, 'x') on conflict (id) do nothing`,
  ],
]
