import type { Case, Refused } from './case.ts'

/** JSON in the words that SQL has for it. */
export const accepted: readonly Case[] = [
  [
    'JSON_OBJECT',
    `select json_object('id' : id, 'name' value name absent on null returning jsonb) from users where tenant_id = $1`,
    2,
  ],
  ['JSON_OBJECT with unique keys', `select json_object('a' : 1, 'b' : 2 with unique keys)`],
  ['JSON_ARRAY', 'select json_array(id, name null on null) from users where tenant_id = $1', 2],
  [
    'JSON_ARRAY of a query',
    'select json_array(select id from users where tenant_id = $1 order by id)',
    2,
  ],
  [
    'JSON_ARRAY of a query that hangs on the row',
    'select u.id, json_array(select p.title from posts p where p.tenant_id = u.tenant_id and p.user_id = u.id order by p.id) from users u where u.tenant_id = $1',
    2,
  ],
  [
    'JSON_OBJECTAGG',
    'select json_objectagg(id : name) filter (where name is not null) from users where tenant_id = $1',
    2,
  ],
  [
    'JSON_ARRAYAGG',
    'select json_arrayagg(name order by id null on null returning jsonb) from users where tenant_id = $1',
    2,
  ],
  [
    'JSON_ARRAYAGG by groups',
    'select country, json_arrayagg(name order by id) from users where tenant_id = $1 group by country',
    2,
  ],
  [
    'JSON_ARRAYAGG over a window',
    'select id, json_arrayagg(name) over (partition by tenant_id order by id) from users where tenant_id = $1',
    2,
  ],
  [
    'IS JSON',
    `select owner from files where owner = '22222222-2222-4222-8222-222222222222' and name is not json object with unique keys`,
  ],
  [
    'JSON, JSON_SCALAR and JSON_SERIALIZE',
    `select json('{}'), json_scalar(n), json_serialize('[1]' returning text) from docs where owner = $1`,
    'acme',
  ],
  [
    'JSON_VALUE',
    `select json_value(meta, '$.a ? (@ < $z)' passing 3 as z returning int default 7 on empty null on error) from files where owner = '22222222-2222-4222-8222-222222222222'`,
  ],
  [
    'JSON_EXISTS and JSON_QUERY',
    `select json_exists(meta, '$.a'), json_query(meta, '$' with wrapper) from files where owner = '22222222-2222-4222-8222-222222222222'`,
  ],
  [
    'JSON_TABLE',
    `select f.name, t.a from files f, json_table(f.meta, '$' columns (n for ordinality, a int path '$.a' default 0 on empty, e int exists path '$.b', nested path '$.c[*]' columns (d text path '$'))) as t
     where f.owner = '22222222-2222-4222-8222-222222222222'`,
  ],
  [
    'JSON_TABLE in an outer join',
    `select f.name, t.a from files f left join json_table(f.meta, '$.list[*]' columns (a int path '$')) as t on true
     where f.owner = '22222222-2222-4222-8222-222222222222'`,
  ],
  [
    'relations as JSON',
    `select u.id, (select coalesce(json_agg(json_build_object('title', p.title) order by p.id), '[]') from posts p where p.tenant_id = u.tenant_id and p.user_id = u.id)
     from users u where u.tenant_id = $1`,
    2,
  ],
  [
    'relations as JSON by LATERAL',
    `select u.id, p.list from users u left join lateral (select json_agg(x) as list from (select id, title from posts where tenant_id = $1 and user_id = u.id order by id limit 2) x) p on true
     where u.tenant_id = $2`,
    2,
    2,
  ],
]

/** Refused: the real server shows that they leak. */
export const leaking: readonly Refused[] = [
  ['JSON_ARRAY of an open query', 'User', 'select json_array(select id from users)'],
  [
    'an open query in JSON_OBJECT',
    'Post',
    `select json_object('n' : (select count(*) from posts)) from users where tenant_id = $1`,
    2,
  ],
  [
    'an open query in a key',
    'Post',
    `select json_object((select max(title) from posts) : id) from users where tenant_id = $1`,
    2,
  ],
  ['an open JSON_OBJECTAGG', 'User', `select json_objectagg(id : name) from users`],
  ['an open JSON_ARRAYAGG', 'User', 'select json_arrayagg(name) from users'],
  [
    'an open query in FILTER',
    'Post',
    'select json_arrayagg(name) filter (where id > (select count(*) - 3 from posts)) from users where tenant_id = $1',
    2,
  ],
  [
    'an open query in PASSING',
    'Post',
    `select json_value('{"a": 3}', '$.a ? (@ < $z)' passing (select count(*) from posts) as z)`,
  ],
  [
    'an open query in JSON_TABLE',
    'Post',
    `select * from json_table((select json_agg(id)::jsonb from posts), '$[*]' columns (a int path '$')) as t`,
  ],
  [
    'an aggregate that is emitted although WHERE is false',
    'Post',
    'select o.id, x.n from countries o, lateral (select json_arrayagg(u.id) as ids, (select count(*) from posts p where p.tenant_id = o.id) as n from users u where u.tenant_id = $1 and u.tenant_id = o.id) x',
    2,
  ],
]

/** Refused: what they would do is not to be seen on the server of the tests, or is no question of rows. */
export const refused: readonly Refused[] = [
  [
    'an open query in ORDER BY',
    'Post',
    'select json_arrayagg(id order by (select count(*) from posts p where p.user_id = users.id) desc) from users where tenant_id = $1',
    2,
  ],
  [
    'an open query in a default',
    'Post',
    `select json_value('{}', '$.a' returning int default (select count(*)::int from posts) on empty)`,
  ],
  [
    'a type of somebody else',
    '(unknown) unsupported',
    `select json_value('{}', '$.a' returning stranger)`,
  ],
  [
    'an open query in DEFAULT … ON ERROR',
    'Post',
    `select json_value('[1]', '$.x' default (select count(*) from posts) on error)`,
  ],
  [
    'an open query in DEFAULT … ON ERROR of JSON_TABLE',
    'Post',
    `select a from json_table('[1]', '$[*]' columns (a int path '$') default (select count(*) from posts) on error)`,
  ],
  [
    'an open query in DEFAULT … ON EMPTY of a column',
    'Post',
    `select a from json_table('[1]', '$[*]' columns (a int path '$' default (select count(*) from posts) on empty)) j`,
  ],
  [
    'an open query in DEFAULT … ON ERROR of a column',
    'Post',
    `select a from json_table('[1]', '$[*]' columns (a int path '$' default (select count(*) from posts) on error)) j`,
  ],
]
