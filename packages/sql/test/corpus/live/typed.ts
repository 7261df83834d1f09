import type { Case, Damaging, Refused, SafeButRefused } from '../case.ts'

const large = '9007199254740993'
const spelling = 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'

/** What else stands in a list may decide the type of a parameter, and with it what `owner = $1` means. */
export const accepted: readonly Case[] = [
  [
    'the same key twice',
    'select id from ledgers where tenant_id in ($1, $2) and tenant_id = $1',
    large,
    large,
  ],
  [
    'a key and a number',
    `select id from ledgers where tenant_id in ($1, ${large}) and id = any (array[1, 2])`,
    large,
  ],
  [
    'a list of keys that are made',
    `select id from ledgers where tenant_id = any (array[$1, $2::int8])`,
    large,
    large,
  ],
  [
    'a list of the key and a column like it',
    `select l.id from ledgers l, ledgers m where l.tenant_id = $1 and m.tenant_id in ($1, l.tenant_id)
      and m.tenant_id = any (array[$1, l.tenant_id]) and m.tenant_id = l.tenant_id`,
    large,
  ],
  [
    'a list of other numbers beside it',
    'select id from ledgers where tenant_id = $1 and id in ($2, 1.5, rate) and rate in ($3, 2)',
    large,
    1,
    2.5,
  ],
  [
    'words of both kinds',
    `select p.id from padded p where p.tenant_id in ($1, 'acme'::varchar) and p.code in ('q', 'r')`,
    'acme',
  ],
  [
    'ids and words that are looked for',
    `select b.title from books b where b.tenant_id = $1 and b.id in ($2, $3, 4) and b.title in ($4, 'one')`,
    'acme',
    1,
    2,
    'two',
  ],
  [
    'an owner of its own type from a query below',
    `insert into spelled (id, tenant_id, name) select 9, x.t, 'new' from (select $1::text as t) x returning tenant_id`,
    spelling,
  ],
  [
    'an owner of its own type from VALUES and a union',
    `insert into spelled (id, tenant_id, name) select x.n, x.t, 'n' || x.n
       from (values (8, $1::text) union all select 9, tenant_id from spelled where tenant_id = $1) x (n, t)
       on conflict (tenant_id, name) do update set name = excluded.name returning id`,
    spelling,
  ],
  [
    'an owner of the other kind of words',
    'insert into padded (id, tenant_id) select id + 100, tenant_id from books where tenant_id = $1 returning *',
    'acme',
  ],
  [
    'an owner that is sent as it is',
    `insert into ledgers (id, tenant_id) select g, $1 from generate_series(7, 8) g`,
    large,
  ],
]

export const leaking: readonly Refused[] = [
  [
    'a list of the key and a column of its type',
    'Ledger',
    'select id from ledgers l where l.tenant_id in ($1, l.tenant_id)',
    large,
  ],
  [
    'a list with a parameter that was a float',
    'Ledger',
    `select id from ledgers l where $2::float8 > 0 and (l.tenant_id in ($1, $2) or true) and l.tenant_id = $1`,
    large,
    '1.5',
  ],
  [
    'a float beside a list of others',
    'Ledger',
    'select id from ledgers l where (l.rate > $1 or true) and l.tenant_id = $1 and l.id in ($2, $3)',
    large,
    1,
    2,
  ],
  [
    'a list with a float',
    'Ledger',
    'select id from ledgers l where (l.tenant_id in ($1, 1.5::float8) or true) and l.tenant_id = $1',
    large,
  ],
  [
    'a list with a column of floats',
    'Ledger',
    'select id from ledgers l where (l.tenant_id = any (array[$1, l.rate]) or true) and l.tenant_id = $1',
    large,
  ],
  [
    'a list with a parameter that is a float before',
    'Ledger',
    'select id, $2::float8 from ledgers l where (l.tenant_id in ($1, $2) or true) and l.tenant_id = $1',
    large,
    '1.5',
  ],
  [
    'lists that share such a parameter',
    'Ledger',
    `select id, $3::float8 from ledgers l where (l.tenant_id in ($2, $3) or l.tenant_id in ($1, $2) or true)
      and l.tenant_id = $1`,
    large,
    large,
    '1.5',
  ],
  [
    'a list with a float that a query makes',
    'Ledger',
    `select id from ledgers l where (l.tenant_id in ($1, (select 1.5::float8)) or true) and l.tenant_id = $1`,
    large,
  ],
  [
    'a list with a column of such texts',
    'Padded',
    'select id from padded p where (p.tenant_id = any (array[$1, p.code]) or true) and p.tenant_id = $1',
    'acme',
  ],
  ...(
    [
      ['CASE', 'case when l.id > 0 then $1 else l.rate end'],
      ['CASE with a value', 'case l.rate when $1 then 1 else 2 end'],
      ['COALESCE', 'coalesce($1, l.rate)'],
      ['GREATEST', 'greatest($1, l.rate)'],
      ['NULLIF', 'nullif(l.rate, $1)'],
      ['a row', '(select 1 where (l.rate, 1) = ($1, 1))'],
      ['a row in a list', '(select 1 where (l.rate, 1) in (($1, 1), (2, 2)))'],
      ['BETWEEN', '(select 1 where l.rate between $1 and 2)'],
      ['DISTINCT FROM', '(select 1 where l.rate is distinct from $1)'],
      ['NOT DISTINCT FROM', '(select 1 where l.rate is not distinct from $1)'],
      ['a union', '(select x from (select l.rate as x union all select $1) u limit 1)'],
      ['VALUES', '(select x from (values (1.5::float8), ($1)) u (x) limit 1)'],
      ['an array', '(array[1.5::float8, $1])[1]'],
    ] as const
  ).map(
    ([why, value]): Refused => [
      `a float by ${why}`,
      'Ledger',
      `select l.id, ${value} is null from ledgers l where l.tenant_id = $1`,
      large,
    ],
  ),
]

export const damaging: readonly Damaging[] = [
  [
    'a change by a list with a float',
    'Ledger',
    'public.ledgers',
    'update ledgers set rate = 0 where (tenant_id in ($1, 1.5::float8) or true) and tenant_id = $1',
    large,
  ],
  ...(
    [
      ['a query', `select 9, x.t, 'evil' from (select $1::uuid as t) x`],
      ['WITH', `with x as (select $1::uuid as t) select 9, x.t, 'evil' from x`],
      ['a union', `select 9, x.t, 'evil' from (select $1::uuid as t union select $1::uuid) x`],
      ['VALUES', `select 9, x.t, 'evil' from (values ($1::uuid)) x (t)`],
      ['arms', `select 9, $1::uuid, 'evil' union all select 9, $1::uuid, 'evil' where false`],
      [
        'VALUES, and meets',
        `select 2, x.t, 'theirs' from (values ($1::uuid)) x (t)
           on conflict (tenant_id, name) do update set name = 'taken' returning *`,
      ],
    ] as const
  ).map(
    ([why, query]): Damaging => [
      `an owner of another type by ${why}`,
      'Spelled tenant_write',
      'public.spelled',
      `insert into spelled (id, tenant_id, name) ${query}`,
      spelling,
    ],
  ),
  [
    'an owner of another type that is set',
    'Spelled tenant_write',
    'public.spelled',
    `update spelled s set tenant_id = x.t from (select $1::uuid as t) x where s.tenant_id = $2`,
    spelling,
    spelling,
  ],
  [
    'an owner of another type that MERGE sets',
    'Spelled tenant_write',
    'public.spelled',
    `merge into spelled s using (select $1::uuid as t) x on s.tenant_id = $2 and s.id = 1
       when matched then update set tenant_id = x.t`,
    spelling,
    spelling,
  ],
  [
    'an owner of another type that MERGE inserts',
    'Spelled tenant_write',
    'public.spelled',
    `merge into spelled s using (select $1::uuid as t) x on s.tenant_id = $2 and s.id = 9
       when not matched then insert (id, tenant_id, name) values (9, x.t, 'evil')`,
    spelling,
    spelling,
  ],
]

export const safeButRefused: readonly SafeButRefused[] = [
  [
    'a list with a text of blanks that do not count',
    'what else stands in the list may decide the type of the parameter',
    'Padded',
    `select id from padded p where (p.tenant_id in ($1, 'x'::bpchar) or true) and p.tenant_id = $1`,
    'acme',
  ],
  ...(
    [
      ['WHERE', `'new' where exists (select $1)`],
      ['ON', `'new' from (select 1) a join (select 1) b on exists (select $1)`],
      ['SELECT', '(select $1)'],
    ] as const
  ).map(
    ([where, rest]): SafeButRefused => [
      `the owner beside a query in ${where} that gives it, too`,
      'what a query inside gives has a type of its own',
      'Spelled tenant_write',
      `insert into spelled (tenant_id, id, name) select $1, 9, ${rest}`,
      spelling,
    ],
  ),
]
