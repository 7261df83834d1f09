import type { Case, Damaging, Refused, SafeButRefused } from '../case.ts'

export const accepted: readonly Case[] = [
  [
    'what the action was',
    'merge into coded c using (values (1), (7)) v (id) on c.tenant_id = $1 and c.id = v.id when matched then update set id = 9 when not matched then insert values (v.id, $1) returning merge_action(), c.id',
    'acme',
  ],
  [
    'rows that match',
    `merge into books b using (select * from authors where tenant_id = $1) a on b.tenant_id = $1 and b.author_id = a.id
      when matched and a.name = 'Ann' then update set title = a.name when matched then do nothing`,
    'acme',
  ],
  [
    'rows of a table that match',
    `merge into books b using authors a on b.tenant_id = $1 and a.tenant_id = b.tenant_id and b.author_id = a.id
      when matched then update set title = a.name`,
    'acme',
  ],
  [
    'rows that do not match',
    `merge into coded c using (select id, tenant_id from books where tenant_id = $1) b on c.tenant_id = $1 and c.id = b.id
      when matched then delete when not matched then insert (id, tenant_id) values (b.id, b.tenant_id)`,
    'acme',
  ],
  [
    'a row of values',
    `merge into coded c using (values (7), (1)) v (id) on c.tenant_id = $1 and c.id = v.id
      when matched then do nothing when not matched then insert values (v.id, $1)`,
    'acme',
  ],
  [
    'what it gives back',
    `merge into coded c using (values (7), (1)) v (id) on c.tenant_id = $1 and c.id = v.id
      when matched then update set id = v.id when not matched then insert values (v.id, $1) returning c.id, v.id`,
    'acme',
  ],
  [
    'a condition of a row that matches',
    'merge into coded c using (values (1)) v (id) on c.tenant_id = $1 and c.id = v.id when matched and exists (select 1 from books b where b.tenant_id = c.tenant_id) then delete',
    'acme',
  ],
  [
    'a query of WITH',
    'with v as (select id from books where tenant_id = $1) merge into coded c using v on c.tenant_id = $1 and c.id = v.id when matched then delete',
    'acme',
  ],
  [
    'an owner that is set to itself',
    'merge into coded c using (values (1)) v (id) on c.tenant_id = $1 and c.id = v.id when matched then update set tenant_id = c.tenant_id',
    'acme',
  ],
  [
    'an owner from the source',
    'merge into coded c using (select id, tenant_id from books where tenant_id = $1) b on c.tenant_id = $1 and c.id = b.id + 5 when not matched then insert (tenant_id, id) values (b.tenant_id, b.id + 5)',
    'acme',
  ],
  [
    'OVERRIDING SYSTEM VALUE',
    `merge into events_log e using (values (57)) v (id) on e.tenant_id = $1 and e.id = v.id when not matched then insert (id, tenant_id, kind, at) overriding system value values (v.id, $1, 'x', '2026-06-01')`,
    'acme',
  ],
  [
    'a child of an own row',
    `merge into pages p using (select id from books where tenant_id = $1) b on p.book_id = b.id when matched then update set body = 'x' when not matched then insert (id, book_id) values (90 + b.id, b.id)`,
    'acme',
  ],
  [
    'an unqualified column of the source, where rows do not match',
    'merge into coded c using (select id, tenant_id from books where tenant_id = $1) b on c.tenant_id = $1 and c.id = b.id + 5 when not matched and exists (select 1 from (select tenant_id as t from authors) x where x.t = tenant_id) then insert (tenant_id, id) values (b.tenant_id, b.id + 5)',
    'acme',
  ],
]

export const leaking: readonly Refused[] = [
  [
    'a source that is open where rows do not match',
    'Book',
    `merge into coded c using books b on c.tenant_id = $1 and b.tenant_id = $1 and c.id = b.id
      when matched then do nothing when not matched then insert values (b.id, $1)`,
    'acme',
  ],
  [
    'an open condition of a row that matches',
    'Book',
    'merge into coded c using (values (1)) v (id) on c.tenant_id = $1 and c.id = v.id when matched and (select count(*) from books) > 2 then delete',
    'acme',
  ],
  [
    'an open condition of a row that does not match',
    'Book',
    'merge into coded c using (values (7)) v (id) on c.tenant_id = $1 and c.id = v.id when not matched and (select count(*) from books) > 2 then insert values (v.id, $1)',
    'acme',
  ],
  [
    'an open query in what is set',
    'Book',
    'merge into coded c using (values (1)) v (id) on c.tenant_id = $1 and c.id = v.id when matched then update set id = (select count(*) from books)',
    'acme',
  ],
  [
    'an open query in what is inserted',
    'Book',
    'merge into coded c using (values (7)) v (id) on c.tenant_id = $1 and c.id = v.id when not matched then insert values ((select count(*) from books), $1)',
    'acme',
  ],
  [
    'an open query in what is given back',
    'Book',
    'merge into coded c using (values (1)) v (id) on c.tenant_id = $1 and c.id = v.id when matched then delete returning (select count(*) from books)',
    'acme',
  ],
  [
    'an open query in ON',
    'Book',
    'merge into coded c using (values (1)) v (id) on c.tenant_id = $1 and c.id = v.id and (select count(*) from books) > 2 when matched then delete',
    'acme',
  ],
  [
    'ON of the target alone',
    'Book',
    'merge into coded c using books b on c.tenant_id = $1 and c.id = b.id - 10 when matched then delete',
    'acme',
  ],
]

export const damaging: readonly Damaging[] = [
  [
    'a target that is open',
    'Coded',
    'public.coded',
    'merge into coded c using (values (1)) v (id) on c.id = v.id when matched then delete',
  ],
  [
    'an owner from elsewhere',
    'Coded tenant_write',
    'public.coded',
    `merge into coded c using (values (7, 'globex')) v (id, o) on c.tenant_id = $1 and c.id = v.id
      when not matched then insert values (v.id, v.o)`,
    'acme',
  ],
  [
    'an owner that changes',
    'Coded tenant_write',
    'public.coded',
    `merge into coded c using (values (1, 'globex')) v (id, o) on c.tenant_id = $1 and c.id = v.id
      when matched then update set tenant_id = v.o`,
    'acme',
  ],
  [
    'an owner that is left out',
    'Coded tenant_write',
    'public.coded',
    `merge into coded c using (values (7)) v (id) on c.tenant_id = $1 and c.id = v.id
      when not matched then insert (id) values (v.id)`,
    'acme',
  ],
  [
    'rows of the target that no source has',
    '(unknown) unsupported',
    'public.coded',
    `merge into coded c using (values (1)) v (id) on c.tenant_id = $1 and c.id = v.id
      when not matched by source then delete`,
    'acme',
  ],
  [
    'a removal that cascades',
    'Book tenant_write',
    'public.notes, public.links',
    'merge into books b using (values (1)) v (id) on b.tenant_id = $1 and b.id = v.id when matched then delete',
    'acme',
  ],
  [
    'a key that follows',
    'Shelf tenant_write',
    'public.places',
    'merge into shelves s using (values (1)) v (id) on s.tenant_id = $1 and s.id = v.id when matched then update set id = 7',
    'acme',
  ],
  [
    'a child of a number, where rows match',
    'Page tenant_write',
    'public.pages, public.words',
    'merge into pages p using (select id from books where tenant_id = $1) b on p.book_id = b.id when matched then update set book_id = 11',
    'acme',
  ],
  [
    'DEFAULT VALUES',
    'Coded tenant_write',
    'public.coded',
    'merge into coded c using (values (7)) v (id) on c.tenant_id = $1 and c.id = v.id when not matched then insert default values',
    'acme',
  ],
  [
    'ON of the source alone',
    'Coded',
    'public.coded',
    'merge into coded c using (select id from books where tenant_id = $1) b on c.id = b.id when matched then delete',
    'acme',
  ],
  [
    'rows that no source has, left alone, and others removed',
    '(unknown) unsupported',
    'public.coded',
    'merge into coded c using (values (1)) v (id) on c.id = v.id when not matched by source then do nothing when matched then delete',
  ],
]

export const safeButRefused: readonly SafeButRefused[] = [
  [
    'a source that is open, with nothing to do',
    'a source is asked to be confined wherever an arm without a match exists',
    'Book',
    `merge into coded c using books b on c.tenant_id = $1 and b.tenant_id = $1 and c.id = b.id
      when matched then do nothing when not matched then do nothing`,
    'acme',
  ],
]

export const refused: readonly Refused[] = [
  [
    'a query of WITH that nobody reads',
    'Shelf',
    'with x as (delete from shelves) merge into coded c using (values (1)) v (id) on c.tenant_id = $1 and c.id = v.id when matched then delete',
    'acme',
  ],
  [
    'a parameter that is inserted twice',
    'Coded',
    'merge into coded c using (values (7)) v (id) on c.tenant_id = $1 and c.id = v.id when not matched then insert (tenant_id, id) values ($1, length($1))',
    'acme',
  ],
  [
    'OVERRIDING USER VALUE',
    '(unknown) unsupported',
    `merge into events_log e using (values (7)) v (id) on e.tenant_id = $1 and e.id = v.id when not matched then insert (id, tenant_id, kind, at) overriding user value values (v.id, $1, 'x', '2026-06-01')`,
    'acme',
  ],
  [
    'a child of a number',
    'Page tenant_write',
    'merge into pages p using (select id from books where tenant_id = $1) b on p.book_id = b.id when not matched then insert (id, book_id) values (90, 11)',
    'acme',
  ],
  [
    'a view',
    '(unknown) unknown_relation',
    `merge into titles t using (values ('one')) v (x) on t.owner = $1 and t.title = v.x when matched then do nothing`,
    'acme',
  ],
  [
    'a parameter that is inserted into two columns',
    'Taker',
    'merge into takers t using (values (77)) v (id) on t.tenant_id = $1 and t.id = v.id when not matched then insert (id, tenant_id, name) values (v.id, $1, $1)',
    'acme',
  ],
]
