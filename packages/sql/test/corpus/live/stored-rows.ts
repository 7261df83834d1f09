import type { Case, Refused } from '../case.ts'

export const accepted: readonly Case[] = [
  [
    'rows in parts',
    'delete from takers where tenant_id = $1 and ctid in (select ctid from takers where tenant_id = $1 order by id limit 1) returning id',
    'acme',
  ],
  [
    'rows in parts that nobody else has locked',
    `update takers t set name = t.name || '!' where t.tenant_id = $1 and t.ctid = any
       (select k.ctid from takers k where k.tenant_id = $1 for update skip locked) returning t.id`,
    'acme',
  ],
  [
    'other rows than these',
    'select count(*) filter (where ctid not in (select ctid from takers where tenant_id = $1 order by id limit 1)) from takers where tenant_id = $1',
    'acme',
  ],
  [
    'by the name of the table',
    'delete from takers where tenant_id = $1 and takers.ctid in (select takers.ctid from takers where tenant_id = $1)',
    'acme',
  ],
  [
    'an aggregate that is of the rows in parts',
    `select c.code from currencies c, lateral (
       select (select count(*) filter (where t.ctid in (select ctid from takers where tenant_id = $1) and a.name <> '')
           from takers t where t.tenant_id = $1) as k,
         (select count(*) from books b where b.tenant_id = c.code) as n
       from authors a where a.tenant_id = $1 and c.code = $1) x`,
    'acme',
  ],
]

export const leaking: readonly Refused[] = [
  [
    'rows of all tenants',
    'Taker',
    'select id from takers where tenant_id = $1 and ctid in (select ctid from takers order by id desc limit 1)',
    'acme',
  ],
  [
    'rows that are among own ones or none',
    'Taker',
    'select id from takers where ctid not in (select ctid from takers where tenant_id = $1)',
    'acme',
  ],
]

export const refused: readonly Refused[] = [
  [
    'rows in the order in which they are stored, by the number of a column',
    '(unknown) unsupported',
    'delete from takers where tenant_id = $1 and ctid in (select ctid from takers where tenant_id = $1 order by 1 limit 1)',
    'acme',
  ],
  [
    'rows in the order in which they are stored, by another name',
    '(unknown) unsupported',
    'delete from takers where tenant_id = $1 and ctid in (select ctid as name from takers where tenant_id = $1 order by name limit 1)',
    'acme',
  ],
  [
    'groups by the place of a row',
    '(unknown) unsupported',
    'delete from takers where tenant_id = $1 and ctid in (select ctid from takers where tenant_id = $1 group by 1)',
    'acme',
  ],
  [
    'rows of another table',
    '(unknown) unsupported',
    'select count(*) from takers where tenant_id = $1 and ctid in (select ctid from shelves where tenant_id = $1)',
    'acme',
  ],
  [
    'rows of a partition',
    '(unknown) unsupported',
    `select count(*) from visits where tenant_id = $1 and ctid in (select ctid from visits where tenant_id = $1 and day < '2027-01-01')`,
    'acme',
  ],
  [
    'rows of another table, beside the same one',
    '(unknown) unsupported',
    `select count(*) from takers t, shelves s where t.tenant_id = $1 and s.tenant_id = $1
       and t.ctid in (select s.ctid from takers k where k.tenant_id = $1)`,
    'acme',
  ],
  [
    'a bare place among several relations',
    '(unknown) unsupported',
    'select id from takers, (values (1)) v (n) where tenant_id = $1 and ctid in (select ctid from takers where tenant_id = $1)',
    'acme',
  ],
  [
    'places of an outer query',
    '(unknown) unsupported',
    `select id from takers t where tenant_id = $1 and exists (
       select from takers s where s.tenant_id = $1 and t.ctid in (select ctid from takers where tenant_id = $1))`,
    'acme',
  ],
  [
    'places in a join',
    '(unknown) unsupported',
    `select id from takers where tenant_id = $1 and ctid in
       (select ctid from takers cross join (values (1)) v (n) where tenant_id = $1)`,
    'acme',
  ],
  [
    'a place that is sent',
    '(unknown) unsupported',
    'select count(*) from takers where tenant_id = $1 and $2 in (select ctid from takers where tenant_id = $1)',
    'acme',
    '(0,1)',
  ],
  [
    'where the rows are stored',
    '(unknown) unsupported',
    'select ctid from takers where tenant_id = $1 and ctid in (select ctid from takers where tenant_id = $1)',
    'acme',
  ],
]
