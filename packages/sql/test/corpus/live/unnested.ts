import type { Case, Damaging, Refused, SafeButRefused } from '../case.ts'

const two = [101, 102]
const ours = ['acme', 'acme']
const insert = 'insert into measures (id, tenant_id) select'
const arrays = 'unnest($1::int[], $2::text[])'

/** Rows that come from arrays. */
export const accepted: readonly Case[] = [
  ['an insert of arrays', `${insert} * from ${arrays}`, two, ours],
  ['an insert of arrays under names', `${insert} * from ${arrays} as u (id, tenant_id)`, two, ours],
  [
    'an insert of arrays by the names of columns',
    `insert into measures (tenant_id, id) select u.tenant_id, u.id from ${arrays} as u (id, tenant_id)`,
    two,
    ours,
  ],
  [
    'an insert of arrays of other types',
    'insert into events (id, tenant_id, day) select * from unnest($1::int[], $2::text[], $3::date[])',
    two,
    ours,
    ['2026-02-02', '2026-02-03'],
  ],
  [
    'an insert of one array',
    'insert into measures (tenant_id) select unnest.* from unnest($1::text[])',
    ours,
  ],
  [
    'an insert of one array under a name',
    'insert into measures (tenant_id, id) select t, 101 from unnest($1::text[]) t',
    ['acme'],
  ],
  [
    'an insert of numbered elements',
    'insert into measures (tenant_id, id) select t, 200 + n from unnest($1::text[]) with ordinality as u (t, n)',
    ours,
  ],
  ['an insert of empty arrays', `${insert} * from ${arrays}`, [], []],
  ['other arrays that are shorter', `${insert} * from ${arrays}`, [101], ours],
  [
    'an array of another name for the type',
    `${insert} * from unnest($1::int[], $2::varchar[])`,
    two,
    ours,
  ],
  [
    'an array of large numbers',
    'insert into ledgers (id, tenant_id) select * from unnest($1::int[], $2::int8[])',
    [101],
    ['9007199254740993'],
  ],
  [
    'an insert of one array by the whole name of the function',
    'insert into measures (tenant_id) select t from pg_catalog.unnest($1::text[]) as u (t)',
    ['acme'],
  ],
  [
    'an upsert of arrays',
    `${insert} * from ${arrays} on conflict (tenant_id, id) do update set id = excluded.id returning id, tenant_id`,
    [1, 101],
    ours,
  ],
  [
    'an insert of arrays that a query filters',
    `${insert} x.id, x.t from (select u.t, u.id from ${arrays} u (id, t) where u.id > 101) x`,
    two,
    ours,
  ],
  [
    'an insert of arrays through WITH',
    `with u as (select * from ${arrays} u (id, t)) ${insert} id, t from u`,
    two,
    ours,
  ],
  [
    'arrays one below the other',
    `${insert} * from ${arrays} union all select * from unnest($3::int[], $4::text[])`,
    [101],
    ['acme'],
    [102],
    ['acme'],
  ],
  [
    'rows of elements',
    'select b.id from books b join unnest($1::text[]) u (t) on u.t = b.tenant_id',
    ours,
  ],
  [
    'rows of no elements',
    'select b.id from books b join unnest($1::text[]) u (t) on u.t = b.tenant_id',
    [],
  ],
  [
    'rows of pairs of elements',
    `select b.title from books b join ${arrays} u (id, t) on u.t = b.tenant_id and u.id = b.id`,
    [1, 11],
    ours,
  ],
  [
    'rows beside elements, if any',
    'select b.id, u.t from unnest($1::text[]) u (t) left join books b on u.t = b.tenant_id',
    ['acme'],
  ],
  [
    'an update by arrays',
    'update books t set title = u.title from unnest($1::int[], $2::text[], $3::text[]) u (id, t, title) where t.id = u.id and t.tenant_id = u.t returning t.id',
    [1, 11],
    ours,
    ['x', null],
  ],
  [
    'an owner that is set to an element',
    'update measures m set tenant_id = u.t from unnest($1::text[]) u (t) where m.tenant_id = $2',
    ['acme'],
    'acme',
  ],
  [
    'a delete by arrays',
    `delete from takers t using ${arrays} u (id, tenant_id) where (t.tenant_id, t.id) = (u.tenant_id, u.id)`,
    [1, 11],
    ours,
  ],
  [
    'a merge of arrays',
    `merge into measures m using ${arrays} u (id, t) on m.tenant_id = u.t and m.id = u.id when not matched then insert (id, tenant_id) values (u.id, u.t) when matched then update set id = u.id`,
    [1, 101],
    ours,
  ],
  [
    'an array of numbers beside a tenant',
    'select p.body from pages p join books b on b.id = p.book_id join unnest($1::int[]) u (id) on u.id = p.book_id where b.tenant_id = $2',
    [1, 11],
    'acme',
  ],
]

export const leaking: readonly Refused[] = [
  [
    'elements of others',
    'Book foreign_value',
    'select b.id from books b join unnest($1::text[]) u (t) on u.t = b.tenant_id',
    ['acme', 'globex'],
  ],
  [
    'rows beside which there is no element',
    'Book',
    'select b.id, u.t from books b left join unnest($1::text[]) u (t) on u.t = b.tenant_id',
    ours,
  ],
  [
    'rows beside which there may be no element',
    'Book',
    'select b.id, u.t from books b full join unnest($1::text[]) u (t) on u.t = b.tenant_id',
    ours,
  ],
  [
    'rows of several columns, and elements behind them',
    'Book',
    'select b.id from books b join unnest($1::spot[], $2::text[]) u (id, name, t) on u.name = b.tenant_id',
    ['(1,globex)'],
    ['acme'],
  ],
]

export const damaging: readonly Damaging[] = [
  [
    'another tenant in an array',
    'Measure tenant_write',
    'public.measures',
    `${insert} * from ${arrays}`,
    two,
    ['acme', 'globex'],
  ],
  [
    'NULL in an array',
    'Measure tenant_write',
    'public.measures',
    `${insert} * from ${arrays}`,
    two,
    ['acme', null],
  ],
  [
    'an array that is too short',
    'Measure tenant_write',
    'public.measures',
    `${insert} * from ${arrays}`,
    two,
    ['acme'],
  ],
  [
    'an array without elements beside another',
    'Measure tenant_write',
    'public.measures',
    `${insert} * from ${arrays}`,
    [101],
    [],
  ],
  [
    'an array that is shorter than the third',
    'Measure tenant_write',
    'public.measures',
    `${insert} u.id, u.t from unnest($1::int[], $2::text[], $3::text[]) u (id, t, x)`,
    [101],
    ['acme'],
    ['x', 'y'],
  ],
  [
    'an array that is shorter than one of several dimensions',
    'Measure tenant_write',
    'public.measures',
    `${insert} * from ${arrays}`,
    [
      [101, 102],
      [103, 104],
    ],
    ours,
  ],
  [
    'an array beside one that is written as a text',
    'Measure tenant_write',
    'public.measures',
    `${insert} * from ${arrays}`,
    '{101,102}',
    ['acme'],
  ],
  [
    'an array beside one that is no parameter',
    'Measure tenant_write',
    'public.measures',
    `${insert} * from unnest(array[101, 102], $1::text[])`,
    ['acme'],
  ],
  [
    'an array beside one that is computed',
    'Measure tenant_write',
    'public.measures',
    `${insert} * from unnest($1::int[] || 7, $2::text[])`,
    [101],
    ['acme'],
  ],
  [
    'arrays behind one another in ROWS FROM',
    'Measure tenant_write',
    'public.measures',
    `${insert} * from rows from (unnest($1::int[]), unnest($2::text[]))`,
    two,
    ['acme'],
  ],
  [
    'the shorter array first in ROWS FROM',
    'Measure tenant_write',
    'public.measures',
    `${insert} u.id, u.t from rows from (unnest($2::text[]), unnest($1::int[])) u (t, id)`,
    two,
    ['acme'],
  ],
  [
    'an owner set to an element beside a longer array, of rows found by the same one beside another',
    'Coded tenant_write',
    'public.coded',
    `update coded m set tenant_id = u.t from unnest($1::int[], $2::text[]) v (id, t), unnest($3::int[], $2::text[]) u (id, t)
       where m.tenant_id = v.t and u.id = 102`,
    [105],
    ['acme'],
    two,
  ],
  [
    'another column than the one with the tenant',
    'Book foreign_value',
    'public.books',
    'update books t set title = u.title from unnest($1::int[], $2::text[], $3::text[]) u (id, title, t) where t.id = u.id and t.tenant_id = u.t',
    [1, 11],
    ours,
    ['acme', 'globex'],
  ],
  [
    'numbers of another type',
    'Ledger tenant_write',
    'public.ledgers',
    'insert into ledgers (id, tenant_id) select * from unnest($1::int[], $2::int4[])',
    [101],
    [1],
  ],
  [
    'an owner that is set to an element that may not be there',
    'Coded tenant_write',
    'public.coded',
    'update coded m set tenant_id = u.t from books b left join unnest($1::text[]) u (t) on b.id = 0 where b.tenant_id = $2 and m.tenant_id = $2',
    ['acme'],
    'acme',
  ],
]

export const refused: readonly Refused[] = [
  [
    'an array that is written as a text',
    'Measure tenant_write',
    `${insert} * from ${arrays}`,
    [101],
    '{acme}',
  ],
  [
    'an array whose type another place may decide',
    'Measure tenant_write',
    `${insert} * from ${arrays} where 'x' = any($2)`,
    two,
    ours,
  ],
  [
    'an array whose length another place may decide',
    'Measure tenant_write',
    `${insert} 101, u.t from unnest($1::date[], $2::text[]) u (d, t), (select $1::bpchar) x`,
    [],
    ours,
  ],
  ['an array without a type', 'Measure tenant_write', `${insert} * from unnest($1, $2)`, two, ours],
  [
    'a list in an array',
    'Measure tenant_write',
    `${insert} * from ${arrays}`,
    two,
    [['acme'], ['acme']],
  ],
]

export const safeButRefused: readonly SafeButRefused[] = [
  [
    'an array that is shorter than another, compared',
    'lengths are asked for, whatever the column is for: NULL equals nothing',
    'Book foreign_value',
    `select b.title from books b join ${arrays} u (id, t) on u.t = b.tenant_id`,
    two,
    ['acme'],
  ],
  [
    'an owner that is compared with an element beside a longer array, and set to the same one beside another',
    'lengths are asked for, whatever the column is for: NULL equals nothing',
    'Coded tenant_write',
    `update coded m set tenant_id = u.t from unnest($3::int[], $2::text[]) v (id, t), unnest($1::int[], $2::text[]) u (id, t)
       where m.tenant_id = v.t and u.id = 105`,
    [105],
    ['acme'],
    two,
  ],
  [
    'arrays behind one another in the select list',
    'rows of functions in SELECT are not followed',
    'Measure tenant_write',
    `${insert} unnest($1::int[]), unnest($2::text[])`,
    two,
    ours,
  ],
  [
    'pairs of elements by IN',
    'what a query inside says confines no rows outside',
    'Book',
    `select b.title from books b where (b.id, b.tenant_id) in (select * from ${arrays})`,
    [1, 11],
    ours,
  ],
]
