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
    'where the rows are stored',
    '(unknown) unsupported',
    'select ctid from takers where tenant_id = $1 and ctid in (select ctid from takers where tenant_id = $1)',
    'acme',
  ],
]
