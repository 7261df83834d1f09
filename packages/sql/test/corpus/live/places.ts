import type { Case, Damaging, Refused } from '../case.ts'

const merged = `with m as (merge into takers t using (values (1, 'globex', 'evil')) s (id, tid, nm)
  on t.tenant_id = $1 and t.id = s.id when matched then update set name = t.name returning *)`

/** Where the query of rows is one that always gives a row, it says nothing of the country. */
const ofCountries = (said: string, source: string): string =>
  `select (select (select max(b.title) from books b where b.tenant_id = c.name) || coalesce(${said}::text, '')
     from ${source} where c.name = $1) from countries c`
/** `nm` of a function inside, or of the row outside: then it is counted there. */
const ofInside = (called: string): string =>
  ofCountries(`(select max(nm) from ${called} as nm)`, `(values ('z')) v (nm)`)
/** A name of the country, or of a function inside: then it says nothing of the country. */
const ofNamed = (called: string, named = 'name'): string =>
  `select (select (select max(b.title) from books b where b.tenant_id = c.${named})
     from ${called} as x where ${named} = $1 limit 1) from countries c (id, ${named})`
const ofCountry = 'select t from countries t where t.name = $1'
const cycle = `with recursive t as (select * from (values (1, 2)) v1 (id, a) join (values (1, 3)) v2 (id, b) using (id)
  union all select t.id, t.a, t.b from t where false) cycle id set count using path`

/** Which column stands where, under names that are given by position. */
export const accepted: readonly Case[] = [
  [
    'the owner behind the columns of the source',
    `${merged} select u.name from m as m (c1, c2, c3, c4, c5, c6) join takers u on u.tenant_id = m.c5`,
    'acme',
  ],
  [
    'a row that is made of what MERGE gives',
    `${merged} insert into takers (id, tenant_id, name) select c1 + 100, c5, c3 from m as m (c1, c2, c3, c4, c5)`,
    'acme',
  ],
  [
    'a column of a record under its new name',
    ofCountries('x.k', `rows from (jsonb_to_record('{"count":1}') as (count int)) as x (k)`),
    'acme',
  ],
  [
    'a column of a record beside values that may be rows',
    `select x.n, x.ordinality from rows from (unnest(array(select 1)), jsonb_to_record('{"n":1}') as (n int)) with ordinality as x`,
  ],
  [
    'a number beside values that may be rows',
    'select t.tag, t.n, u.u, u.ordinality from unnest(array(select title from books where tenant_id = $1)) with ordinality as t (tag, n), unnest(array(select 1)) with ordinality as u',
    'acme',
  ],
  [
    'the number of what has other columns',
    'select x.a, x.ordinality from unnest(array(select 1)) with ordinality as x (a)',
  ],
  [
    'values that may be rows, filtered above',
    'select d.nm, nm from (select * from unnest(array(select 1)) as nm order by nm) d',
  ],
  [
    'nested columns of a document behind the others',
    ofCountries(
      'j.x || j.b',
      `json_table('{"a":1,"b":2}', '$' columns (nested '$' columns (b text path '$.b'), count text path '$.a')) as j (x)`,
    ),
    'acme',
  ],
  [
    'nested columns of nested columns',
    `select j.a * 1000 + j.b * 100 + j.c * 10 + j.d from json_table('{"a":1,"b":2,"c":3,"d":4}', '$' columns
       (nested '$' columns (nested '$' columns (x int path '$.c'), y int path '$.b'), z int path '$.a',
        nested '$' columns (w int path '$.d'))) as j (a, b, c, d)`,
  ],
  [
    'what a cycle adds, behind columns under other names',
    `${cycle} ${ofCountries('x.count', 't as x (k1, k2, k3)')}`,
    'acme',
  ],
  ['a value of a function inside', ofInside(`unnest(array['q'])`), 'acme'],
  ['a value of a function inside, of a parameter', ofInside(`unnest(array['q', $2])`), 'acme', 'z'],
  ['a value of a function inside, of texts', ofInside(`regexp_split_to_table('q', ',')`), 'acme'],
  [
    'words of a column',
    'select l.lexeme, l.weights from racks r, unnest(r.terms) l where r.tenant_id = $1',
    'acme',
  ],
  [
    'words of a text under other names',
    `select x.a, x.positions from unnest('a b'::tsvector) as x (a)`,
  ],
]

export const leaking: readonly Refused[] = [
  [
    'a column of the source in the place of the owner',
    'Taker foreign_value',
    `${merged} select u.name from m as m (c1, c2, c3, c4, c5, c6) join takers u on u.tenant_id = m.c2`,
    'acme',
  ],
  [
    'a function of the row in the place of a column that has another name',
    '(unknown) unsupported',
    ofCountries('x.count', `rows from (jsonb_to_record('{"count":1}') as (count int)) as x (k)`),
    'acme',
  ],
  [
    'the same, behind another function',
    '(unknown) unsupported',
    ofCountries(
      'x.count',
      `rows from (generate_series(1, 1), jsonb_to_record('{"count":1}') as (a int, count int)) as x (k, l, m)`,
    ),
    'acme',
  ],
  [
    'the same, behind what may be rows',
    '(unknown) unsupported',
    ofCountries(
      'x.count',
      `rows from (unnest(array(select 1)), jsonb_to_record('{"count":1}') as (count int)) as x (k, l)`,
    ),
    'acme',
  ],
  [
    'the same, of a document with nested columns',
    '(unknown) unsupported',
    ofCountries(
      'j.count',
      `json_table('{"a":1,"b":2}', '$' columns (nested '$' columns (b int path '$.b'), count int path '$.a')) as j (x)`,
    ),
    'acme',
  ],
  [
    'a name that several arrays do not have',
    'Book',
    ofInside('unnest(array[1], array[2])'),
    'acme',
  ],
  ['a name that words do not have', 'Book', ofInside(`unnest(to_tsvector('a b'))`), 'acme'],
  [
    'a name that rows may not have',
    'Book',
    ofInside('unnest(array(select s from shelves s where s.tenant_id = $1))'),
    'acme',
  ],
  [
    'a name that rows below a star may not have',
    'Book',
    ofInside('(select * from unnest(array(select s from shelves s where s.tenant_id = $1)) as nm)'),
    'acme',
  ],
  [
    'a name that a document does not have',
    'Book',
    ofInside(
      `json_table('{"a":1}', '$' columns (nested '$' columns (b int path '$.b'), nm text path '$.a'))`,
    ).replace('as nm', 'as nm (x)'),
    'acme',
  ],
  [
    'a name that a record has no more',
    'Book',
    ofInside(`rows from (jsonb_to_record('{"nm":1}') as (nm text))`).replace(
      'as nm)',
      'as nm (k))',
    ),
    'acme',
  ],
  [
    'a function that runs a text, under a name that a list replaces',
    '(unknown) unsupported',
    'select ts_stat.ts_stat from unnest(array(select $1::text)) as ts_stat (k)',
    `select to_tsvector('simple', title) from books`,
  ],
  ['a name that rows may have', 'Book', ofNamed(`unnest(array(${ofCountry}))`), 'acme'],
  [
    'a name that rows beside an array may have',
    'Book',
    ofNamed(`unnest(array[1], array(${ofCountry}))`),
    'acme',
  ],
  [
    'a name that a row beside a constant has',
    'Book',
    ofNamed(`unnest(array[null, (${ofCountry})])`),
    'acme',
  ],
  ['a name that a row among others has', 'Book', ofNamed(`coalesce((${ofCountry}))`), 'acme'],
  ['a name that a declared function has', 'Book', ofNamed('string_to_table(1)'), 'acme'],
  ['a name that a declared type has', 'Book', ofNamed(`unnest('{"(1,acme)"}'::spot[])`), 'acme'],
  [
    'a name that an array beside words has',
    'Book',
    ofNamed(`unnest('a'::tsvector, array['acme'])`, 'unnest'),
    'acme',
  ],
  [
    'a name that ranges do not have',
    'Book',
    ofCountries(
      `(select max(lexeme) from unnest('{[1,2)}'::int4multirange) as x)`,
      `(values ('z')) v (lexeme)`,
    ),
    'acme',
  ],
  [
    'a number that has another name',
    'Book',
    ofCountries(
      '(select max(ordinality) from unnest(array[1], array[2]) with ordinality as x (p, q, r))',
      `(values ('z')) v (ordinality)`,
    ),
    'acme',
  ],
]

export const damaging: readonly Damaging[] = [
  [
    'a row of another owner, from a column of the source',
    'Taker tenant_write',
    'public.takers',
    `${merged} insert into takers (id, tenant_id, name) select c1 + 100, c2, c3 from m as m (c1, c2, c3, c4, c5, c6)`,
    'acme',
  ],
]
