import type { Case, Damaging, Refused } from '../case.ts'

/** `x.f` is a column of x, or else a call of f: of a function's rows, f may be any function. */
export const accepted: readonly Case[] = [
  ['a value under the name that it is given', 'select x.x from unnest($1::int[]) as x', [1, 2]],
  ['a value under a listed name', 'select x.id from unnest($1::int[]) as x (id)', [1, 2]],
  [
    'a value under the name of an aggregate',
    'select count.count from unnest($1::int[]) as count',
    [1],
  ],
  [
    'a value that may be a row, under the name that it is given',
    'select x.x from unnest(array(select 1)) as x',
  ],
  ['a value under the name of its function', 'select unnest.unnest from unnest($1::int[])', [1]],
  [
    'a value with its number',
    'select x.x, x.ordinality from unnest($1::int[]) with ordinality as x',
    [3],
  ],
  ['several arrays', 'select u.a, u.b from unnest($1::int[], $2::text[]) as u (a, b)', [1], ['x']],
  [
    'keys and values of a document',
    `select j.key, j.value, e.value as v from jsonb_each('{"a": [1]}') j, jsonb_array_elements(j.value) e`,
  ],
  [
    'a key under another name',
    `select j.k, j.value, x.ordinality from jsonb_each('{"a": 1}') j (k), unnest($1::int[]) with ordinality as x (n)`,
    [1],
  ],
  [
    'columns of a document',
    `select t.a, t.b, t.n from json_table('[{"a": 1, "l": [2]}]'::jsonb, '$[*]'
       columns (n for ordinality, a int path '$.a', nested path '$.l[*]' columns (b int path '$'))) t`,
  ],
  [
    'columns that an alias names anew',
    `select t.x from json_table('[1]'::jsonb, '$[*]' columns (a int path '$')) t (x)`,
  ],
  [
    'columns of a join that a star gives',
    'select d.title, d.name from (select * from books b join authors a using (id, tenant_id) where a.tenant_id = $1) d',
    'acme',
  ],
  [
    'columns under the names that PostgreSQL makes up',
    `select d.exists, d.array, d.coalesce, d.row, e.array as more
       from (select exists (select 1), array[1], coalesce(null, 2), row(1, 2)) d, (select array(select 1)) e`,
  ],
  [
    'what was there before',
    'update takers set name = name where tenant_id = $1 returning old.name, new.name',
    'acme',
  ],
]

export const leaking: readonly Refused[] = [
  [
    'a function that runs a text',
    '(unknown) unsupported',
    'select x.ts_stat from unnest(array[$1::text]) as x',
    `select to_tsvector('simple', title) from books`,
  ],
  [
    'a function of the row, of a row without all names',
    '(unknown) unsupported',
    `select d.tally_all from (select 1 + 1, b.tenant_id from books b where b.tenant_id = $1) d`,
    'acme',
  ],
  [
    'a function of the new row',
    '(unknown) unsupported',
    'update coded set id = id where tenant_id = $1 returning new.tally',
    'acme',
  ],
  [
    'a function of the row of a join',
    '(unknown) unsupported',
    'select d.tally_all from (select * from books b join authors a using (id, tenant_id) where a.tenant_id = $1) d',
    'acme',
  ],
  [
    'a function of the row of a document',
    '(unknown) unsupported',
    `select j.tally_all from json_table('[1]'::jsonb, '$[*]' columns (a int path '$')) j`,
  ],
  [
    'an aggregate that looks like a column',
    '(unknown) unsupported',
    `select w.word from words w where exists (select x.sum from generate_series(1, 1) as x, pages p, books b
       where p.id = w.page_id and b.id = p.book_id and b.tenant_id = $1)`,
    'acme',
  ],
]

export const damaging: readonly Damaging[] = [
  [
    'a function that removes',
    '(unknown) unsupported',
    'public.takers',
    `select x.wipe from unnest(array['a'::text]) as x`,
  ],
  [
    'an owner that is a list',
    'Taker tenant_write',
    'public.takers',
    `insert into takers (id, tenant_id, name) values (900, $1::text[], 'x')`,
    ['globex'],
  ],
]

export const refused: readonly Refused[] = [
  [
    'a name that several functions have',
    '(unknown) unsupported',
    'select x.x from rows from (generate_series(1, 2), generate_series(1, 3)) as x',
  ],
  [
    'a name that several functions have, of which one may give rows',
    '(unknown) unsupported',
    'select x.x from rows from (unnest(array(select 1)), generate_series(1, 3)) as x',
  ],
  [
    'a number that was not asked for',
    '(unknown) unsupported',
    'select x.ordinality from unnest($1::int[]) as x',
    [1],
  ],
  [
    'an owner that is a list, from a query below',
    'Taker tenant_write',
    `insert into takers (id, tenant_id, name) select s.i, s.o, 'x' from (select 900 as i, $1::text[] as o) s`,
    ['acme'],
  ],
  [
    'a value, or a call of a function of that name',
    '(unknown) unsupported',
    'select wipe.wipe from unnest(array(select 1)) as wipe',
  ],
  [
    'a value, or an aggregate of that name',
    '(unknown) unsupported',
    'select count.count from unnest(array(select 1)) as count',
  ],
  [
    'an owner that is a list, from a query',
    'Taker tenant_write',
    `insert into takers (id, tenant_id, name) select 900, $1::text[], 'x'`,
    ['acme'],
  ],
  [
    'an owner that becomes a list',
    'Taker tenant_write',
    'update takers set tenant_id = $2::text[] where tenant_id = $1',
    'acme',
    ['acme'],
  ],
]
