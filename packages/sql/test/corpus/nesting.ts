import type { Case, Refused, SafeButRefused } from './case.ts'

export const accepted: readonly Case[] = [
  [
    'SEARCH and CYCLE',
    `with recursive t as (select id, boss_id, tenant_id from users where tenant_id = $1 union all select u.id, u.boss_id, u.tenant_id from users u join t on u.boss_id = t.id where u.tenant_id = $1) search depth first by id set o cycle id set seen using path select id, o, seen, path, t.* from t where tenant_id = $1 order by o`,
    2,
  ],
  [
    'SEARCH breadth first, with columns renamed',
    `with recursive t (i, b) as (select id, boss_id from users where tenant_id = $1 union all select u.id, u.boss_id from users u join t on u.boss_id = t.i where u.tenant_id = $1) search breadth first by i set o cycle i set c to 'Y' default 'N' using p select a.i, a.c from t as a (i, b) order by a.o`,
    2,
  ],
  [
    'EXISTS with its own condition',
    'select id from users where tenant_id = $1 and exists (select 1 from posts where posts.tenant_id = $2 and posts.user_id = users.id)',
    2,
    2,
  ],
  [
    'EXISTS through the outer row',
    'select u.id from users u where u.tenant_id = $1 and exists (select 1 from posts p where p.tenant_id = u.tenant_id and p.user_id = u.id)',
    2,
  ],
  [
    'NOT EXISTS',
    'select u.id from users u where u.tenant_id = $1 and not exists (select 1 from posts p where p.tenant_id = u.tenant_id and p.user_id = u.id)',
    2,
  ],
  [
    'IN of a query',
    'select id from users where tenant_id = $1 and id in (select user_id from posts where tenant_id = $2)',
    2,
    2,
  ],
  [
    'NOT IN of a query',
    'select id from users where tenant_id = $1 and id not in (select user_id from posts where tenant_id = $1 and user_id is not null)',
    2,
  ],
  [
    'a query under OR',
    'select u.id from users u where u.tenant_id = $1 and (u.id = 1 or exists (select 1 from posts p where p.tenant_id = u.tenant_id))',
    2,
  ],
  [
    'a scalar query in SELECT',
    'select u.id, (select count(*) from posts p where p.tenant_id = u.tenant_id and p.user_id = u.id) from users u where u.tenant_id = $1',
    2,
  ],
  [
    'a scalar query in ORDER BY',
    'select u.id from users u where u.tenant_id = $1 order by (select count(*) from posts p where p.tenant_id = u.tenant_id and p.user_id = u.id)',
    2,
  ],
  [
    'ARRAY of a query',
    'select u.id, array(select p.id from posts p where p.tenant_id = u.tenant_id) from users u where u.tenant_id = $1',
    2,
  ],
  [
    'a JSON tree as Kysely writes it',
    `select "u"."id", (select coalesce(json_agg(agg), '[]') from (select "p"."id", "p"."title" from "posts" as "p" where "p"."tenant_id" = "u"."tenant_id" and "p"."user_id" = "u"."id" order by "p"."id") as agg) as "posts" from "users" as "u" where "u"."tenant_id" = $1`,
    2,
  ],
  [
    'a JSON object as Kysely writes it',
    `select "p"."id", (select to_json(obj) from (select "u"."name" from "users" as "u" where "u"."tenant_id" = "p"."tenant_id" and "u"."id" = "p"."user_id") as obj) as "author" from "posts" as "p" where "p"."tenant_id" = $1`,
    2,
  ],
  [
    'a derived table',
    'select x.id from (select id, name from users where tenant_id = $1) x where x.name is not null',
    2,
  ],
  [
    'a filter above a derived table',
    'select x.id from (select * from users) x where x.tenant_id = $1',
    2,
  ],
  [
    'a filter two levels above',
    'select y.id from (select x.id, x.tenant_id from (select * from users) x) y where y.tenant_id = $1',
    2,
  ],
  [
    'a filter above DISTINCT',
    'select * from (select distinct tenant_id, country from users) x where tenant_id = $1',
    2,
  ],
  [
    'a filter above GROUP BY of the owner',
    'select * from (select tenant_id, count(*) as n from users group by tenant_id) x where tenant_id = $1',
    2,
  ],
  [
    'a filter above a window of the owner',
    'select * from (select tenant_id, row_number() over (partition by tenant_id order by id) as n from users) x where tenant_id = $1',
    2,
  ],
  [
    'a filter above windows that are made of one by the tenant',
    `select * from (select tenant_id, id, count(*) over w as n, sum(id) over v as s, rank() over (w order by country) as r
       from users window w as (partition by tenant_id), v as (w order by id)) x where tenant_id = $1`,
    2,
  ],
  [
    'a join with a derived table',
    'select u.id, x.n from users u left join (select tenant_id, user_id, count(*) as n from posts group by tenant_id, user_id) x on x.tenant_id = u.tenant_id and x.user_id = u.id where u.tenant_id = $1',
    2,
  ],
  [
    'the output of a derived table',
    'select p.id from (select tenant_id, id from users where tenant_id = $1) x join posts p on p.tenant_id = x.tenant_id and p.user_id = x.id',
    2,
  ],
  [
    'columns renamed',
    'select p.id from (select tenant_id, id from users where tenant_id = $1) as x (t, i) join posts p on p.tenant_id = x.t',
    2,
  ],
  [
    'UNION',
    'select id from users where tenant_id = $1 union select id from posts where tenant_id = $2',
    2,
    2,
  ],
  [
    'UNION ALL with an order',
    'select id, name from users where tenant_id = $1 union all select id, title from posts where tenant_id = $1 order by 1 limit 3',
    2,
  ],
  [
    'INTERSECT and EXCEPT',
    'select id from users where tenant_id = $1 intersect select user_id from posts where tenant_id = $1 except select 3',
    2,
  ],
  [
    'a filter above UNION',
    'select x.i from (select tenant_id as t, id as i from users union all select tenant_id, id from posts) x where x.t = $1',
    2,
  ],
  [
    'a filter above UNION, through a join',
    'select u.id, x.i from users u join (select tenant_id, user_id, id as i from posts union select tenant_id, post_id, id from tags) x on x.tenant_id = u.tenant_id and x.user_id = u.id where u.tenant_id = $1',
    2,
  ],
  [
    'the output of UNION',
    'select p.id from (select tenant_id from users where tenant_id = $1 union select tenant_id from tags where tenant_id = $1) x join posts p on p.tenant_id = x.tenant_id',
    2,
  ],
  [
    'WITH',
    'with x as (select id, tenant_id from users where tenant_id = $1) select x.id, p.id from x join posts p on p.tenant_id = x.tenant_id and p.user_id = x.id',
    2,
  ],
  [
    'WITH and a filter outside',
    'with x as (select * from users) select id from x where tenant_id = $1',
    2,
  ],
  [
    'WITH referred to twice',
    'with x as (select * from users where tenant_id = $1) select a.id from x a join x b on a.boss_id = b.id',
    2,
  ],
  [
    'WITH over WITH',
    'with a as (select * from posts where tenant_id = $1), b as (select user_id, count(*) n from a group by user_id) select u.id, b.n from users u join b on b.user_id = u.id where u.tenant_id = $1',
    2,
  ],
  [
    'WITH that hides a table',
    'with posts as (select id from users where tenant_id = $1) select * from posts',
    2,
  ],
  [
    'WITH in a subquery',
    'select id from users where tenant_id = $1 and id in (with x as (select user_id from posts where tenant_id = $1) select user_id from x)',
    2,
  ],
  [
    'WITH that nobody refers to',
    'with x as (select * from users where tenant_id = $1) select 1',
    2,
  ],
  [
    'WITH of column names',
    'with x (t, i) as (select tenant_id, id from users) select i from x where t = $1',
    2,
  ],
  [
    'MATERIALIZED',
    'with x as materialized (select * from users where tenant_id = $1) select id from x',
    2,
  ],
  [
    'a recursive tree',
    'with recursive t as (select id, tenant_id, boss_id from users where tenant_id = $1 and boss_id is null union all select u.id, u.tenant_id, u.boss_id from users u join t on u.boss_id = t.id and u.tenant_id = t.tenant_id) select id from t',
    2,
  ],
  [
    'a recursive tree with the constant',
    'with recursive t (id) as (select id from users where tenant_id = $1 and boss_id is null union select u.id from users u join t on u.boss_id = t.id where u.tenant_id = $1) select id from t',
    2,
  ],
  [
    'a series by recursion',
    'with recursive n (i) as (select 1 union all select i + 1 from n where i < 3) select i from n',
  ],
  [
    'aggregates of aggregates',
    'select max(n) from (select count(*) as n from posts where tenant_id = $1 group by user_id) x',
    2,
  ],
  [
    'an aggregate in a subquery of an aggregate',
    'select sum(n) from (select (select count(*) from posts p where p.tenant_id = u.tenant_id) as n from users u where u.tenant_id = $1) x',
    2,
  ],
  [
    'a subquery beside an aggregate',
    'select count(*), (select count(*) from posts where tenant_id = $1) from users where tenant_id = $1',
    2,
  ],
  [
    'values joined',
    'select u.id, v.x from users u join (values (1, $2::text), (2, $3::text)) as v (id, x) on v.id = u.id where u.tenant_id = $1',
    2,
    'a',
    'b',
  ],
  [
    'a row of constants',
    'select u.id from (values ($1::int4)) as v (t) join users u on u.tenant_id = v.t',
    2,
  ],
  [
    'a query in an aggregate',
    'select sum((select count(*) from tags t where t.tenant_id = p.tenant_id)) from users u join posts p on p.tenant_id = u.tenant_id where u.tenant_id = $1',
    2,
  ],
  [
    'a query in an aggregate, of the left side',
    'select sum((select count(*) from tags t where t.tenant_id = u.tenant_id)) from users u join posts p on p.tenant_id = u.tenant_id where p.tenant_id = $1',
    2,
  ],
  [
    'an aggregate without FROM',
    'select count(*), (select count(*) from users where tenant_id = $1)',
    2,
  ],
  [
    'two recursive queries',
    'with recursive a as (select id, tenant_id from users where tenant_id = $1 and boss_id is null union all select u.id, u.tenant_id from users u join a on u.boss_id = a.id and u.tenant_id = a.tenant_id), b as (select id, tenant_id from posts where tenant_id = $1 and parent_id is null union all select p.id, p.tenant_id from posts p join b on p.parent_id = b.id and p.tenant_id = b.tenant_id) select a.id, b.id from a join b on b.tenant_id = a.tenant_id join tags t on t.tenant_id = b.tenant_id',
    2,
  ],
  [
    'the output of a left join that was made inner',
    'select q.id from (select u.tenant_id from users u left join posts p on p.tenant_id = u.tenant_id where p.tenant_id = $1) x join posts q on q.tenant_id = x.tenant_id',
    2,
  ],
  [
    'a recursive query that nobody refers to',
    'with recursive t as (select id, tenant_id from users where tenant_id = $1 and boss_id is null union all select u.id, u.tenant_id from users u join t on u.boss_id = t.id and u.tenant_id = t.tenant_id) select 1',
    2,
  ],
  [
    'a column that is called as its function',
    'select u.id from (select tenant_id as t, id from users where tenant_id = $1) u where exists (select 1 from (select count(*) from countries) c, posts p where p.tenant_id = t)',
    2,
  ],
  [
    'a column that is called as the column that is cast',
    'select u.id from (select tenant_id as t, id from users where tenant_id = $1) u where exists (select 1 from (select id::text from countries) c, posts p where p.tenant_id = t)',
    2,
  ],
  [
    'a column that is called as the function that is cast',
    'select u.id from (select tenant_id as t, id from users where tenant_id = $1) u where exists (select 1 from (select count(*)::int from countries) c, posts p where p.tenant_id = t)',
    2,
  ],
  [
    'a column that is called coalesce',
    'select u.id from (select tenant_id as t, id from users where tenant_id = $1) u where exists (select 1 from (select coalesce(name, id::text) from countries) c, posts p where p.tenant_id = t)',
    2,
  ],
  [
    'a filter above a group by number',
    'select * from (select tenant_id, count(*) from users group by 1) x where tenant_id = $1',
    2,
  ],
  [
    'a filter above a query of WITH RECURSIVE that does not recurse',
    'with recursive x as (select tenant_id as t, id from users union all select tenant_id, id from posts) select id from x where t = $1',
    2,
  ],
  [
    'WITH RECURSIVE without a union',
    'with recursive x as (select id from users where tenant_id = $1), y as (select 1 intersect select 2) select id from x',
    2,
  ],
  [
    'CYCLE with marks of a type',
    `with recursive t as (select id, boss_id, tenant_id from users where tenant_id = $1 union all select u.id, u.boss_id, u.tenant_id from users u join t on u.boss_id = t.id where u.tenant_id = $1) cycle id set seen to text 'y' default text 'n' using path select id, seen from t`,
    2,
  ],
  [
    'an aggregate over a window beside a query',
    'select id, count(*) over (), (select count(*) from posts p where p.tenant_id = u.tenant_id) from users u where u.tenant_id = $1',
    2,
  ],
  [
    'SEARCH over columns that nobody declared',
    'with recursive t as (select * from users where tenant_id = $1 and boss_id is null union all select u.* from users u join t on u.boss_id = t.id where u.tenant_id = $1) search depth first by id set o select id, o from t',
    2,
  ],
  [
    'EXISTS of a union',
    'select id from users u where tenant_id = $1 and exists (select 1 from posts where tenant_id = $1 union select 1 from tags where tenant_id = $1)',
    2,
  ],
  [
    'a query of a grouping set that names a column by another one',
    'select t.tenant_id, (select count(*) from posts p where p.tenant_id = t.tenant_id) from users u join tags t on t.tenant_id = u.tenant_id where u.tenant_id = $1 group by rollup (t.tenant_id)',
    2,
  ],
  [
    'a derived table in a query in an aggregate',
    'select max((select count(*) from tags t join (select p.tenant_id, p.id from posts p where p.tenant_id = $1) x on x.tenant_id = t.tenant_id and x.id = t.post_id)) from users where tenant_id = $1',
    2,
  ],
  [
    'an aggregate of a query that has a query of its own',
    'select (select sum((select (select count(*) from tags t where t.tenant_id = r.tenant_id) from posts p where p.tenant_id = $1 and r.tenant_id = $1 order by p.id limit 1)) from users u where u.tenant_id = $1 limit 1) from roles r where r.tenant_id = $1 or r.tenant_id is null',
    2,
  ],
]

/** Refused: the real server shows that they leak. */
export const leaking: readonly Refused[] = [
  [
    'a name that a column of a star of unknown width has no more',
    'Post',
    'select q.name, p.title from (select * from users where tenant_id = $1) q (tenant_id, tenant) join posts p on p.tenant_id = q.tenant_id',
    2,
  ],
  [
    'EXISTS without the tenant',
    'Post',
    'select id from users where tenant_id = $1 and exists (select 1 from posts where posts.user_id = users.id)',
    2,
  ],
  [
    'IN without the tenant',
    'Post',
    'select id from users where tenant_id = $1 and id in (select user_id from posts)',
    2,
  ],
  [
    'the tenant in the outer OR',
    'User, Post',
    'select u.id from users u where u.tenant_id = $1 or exists (select 1 from posts p where p.tenant_id = u.tenant_id)',
    2,
  ],
  [
    'a scalar query',
    'Post',
    'select id, (select max(title) from posts) from users where tenant_id = $1',
    2,
  ],
  [
    'a scalar query in LIMIT',
    'Post',
    'select id from users where tenant_id = $1 limit (select count(*) - 2 from posts)',
    2,
  ],
  [
    'a query in an array index',
    'Post',
    'select (array[1, 2, 3])[(select count(*) from posts)] from users where tenant_id = $1',
    2,
  ],
  [
    'a query in a window frame',
    'Post',
    'select sum(id) over (order by id rows (select count(*) - 3 from posts) preceding) from users where tenant_id = $1',
    2,
  ],
  [
    'a query in FILTER',
    'Post',
    'select count(*) filter (where exists (select 1 from posts where user_id = 3)) from users where tenant_id = $1',
    2,
  ],
  [
    'a query in GROUP BY',
    'Post',
    'select count(*) from users where tenant_id = $1 group by id < (select count(*) - 1 from posts)',
    2,
  ],
  [
    'a query in HAVING',
    'Post',
    'select country from users where tenant_id = $1 group by country having count(*) < (select count(*) - 2 from posts)',
    2,
  ],
  [
    'a query in DISTINCT ON',
    'Post',
    'select distinct on (id < (select count(*) - 1 from posts)) 1 from users where tenant_id = $1',
    2,
  ],
  [
    'a query in a function of FROM',
    'Post',
    'select g from generate_series(1, (select count(*) from posts)) g',
  ],
  ['a query in VALUES', 'Post', 'values ((select count(*) from posts))'],
  [
    'a query in ON',
    'Tag',
    'select u.id from users u left join posts p on p.tenant_id = u.tenant_id and exists (select 1 from tags where post_id = 1001) where u.tenant_id = $1',
    2,
  ],
  [
    'a query in CASE',
    'Post',
    'select case when exists (select 1 from posts where user_id = 3) then 1 end from users where tenant_id = $1',
    2,
  ],
  [
    'a filter above LIMIT',
    'User',
    'select * from (select * from users order by id limit 2) x where tenant_id = $1',
    2,
  ],
  [
    'a filter above OFFSET',
    'User',
    'select * from (select * from users order by id offset 1) x where tenant_id = $1',
    2,
  ],
  [
    'a filter above DISTINCT ON',
    'User',
    'select * from (select distinct on (country) country, tenant_id from users order by country, tenant_id) x where tenant_id = $1',
    2,
  ],
  [
    'a filter above another grouping',
    'User',
    'select * from (select max(tenant_id) as t, count(*) as n from users group by country) x where t = $1',
    2,
  ],
  [
    'a filter above a window',
    'User',
    'select * from (select tenant_id, row_number() over (order by id) as n from users) x where tenant_id = $1',
    2,
  ],
  [
    'a filter above a window of another column',
    'User',
    'select * from (select tenant_id, count(*) over (partition by country) as n from users) x where tenant_id = $1',
    2,
  ],
  [
    'a filter above windows that are made of one by something else',
    'User',
    'select * from (select tenant_id, count(*) over v as n from users window w as (partition by country), v as (w order by id)) x where tenant_id = $1',
    2,
  ],
  [
    'a filter above a window that is made of one of all rows',
    'User',
    'select * from (select tenant_id, count(*) over (w order by id) as n from users window w as (), v as (partition by tenant_id)) x where tenant_id = $1',
    2,
  ],
  [
    'a filter above a window with an empty name',
    'User',
    'select * from (select tenant_id, count(*) over w as n from users window w as ()) x where tenant_id = $1',
    2,
  ],
  [
    'a filter above LIMIT of UNION',
    'User, Post',
    'select * from (select tenant_id as t from users union all select tenant_id from posts order by 1 limit 3) x where t = $1',
    2,
  ],
  [
    'one arm of UNION',
    'Post',
    'select id from users where tenant_id = $1 union all select id from posts',
    2,
  ],
  [
    'one arm of EXCEPT',
    'Post',
    'select id from users where tenant_id = $1 except select user_id from posts',
    2,
  ],
  [
    'an arm whose column is another',
    'User, Post',
    'select x.t from (select tenant_id as t from users union all select user_id from posts) x where x.t = $1',
    2,
  ],
  [
    'an output that is computed',
    'Post',
    'select p.id from (select tenant_id - 1 as t from users where tenant_id = $1) x join posts p on p.tenant_id = x.t',
    2,
  ],
  [
    'a derived table by its nullable side',
    'Tag',
    'select t.id from (select p.tenant_id from users u left join posts p on p.tenant_id = u.tenant_id where u.tenant_id = $1) x left join tags t on t.post_id = 1',
    2,
  ],
  [
    'WITH without the tenant',
    'User',
    'with x as (select * from users order by tenant_id limit 2) select id from x where tenant_id = $1',
    2,
  ],
  [
    'one of two references',
    'User',
    'with x as (select * from users) select a.id from x a join x b on a.boss_id = b.id where a.tenant_id = $1',
    2,
  ],
  [
    'WITH sees the outer table again',
    'Post',
    'with posts as (select * from posts) select id from posts',
  ],
  [
    'a recursive tree that forgets the tenant',
    'User',
    'with recursive t as (select id, tenant_id from users where tenant_id = $1 and boss_id is null union all select u.id, u.tenant_id from users u join t on u.boss_id = t.id) select id from t',
    2,
  ],
  [
    'a recursive tree that changes the tenant',
    'User',
    'with recursive t as (select id, tenant_id from users where tenant_id = $1 union select u.id, u.id from users u join t on u.tenant_id = t.tenant_id where u.id < 9) select id from t',
    2,
  ],
  [
    'a recursive query whose third column comes round to the first',
    'User foreign_value',
    'with recursive r (a, b, c, n) as (select $1::int, $2::int, $3::int, 0 union all select b, c, a, n + 1 from r where n < 3) select u.id from users u join r on u.tenant_id = r.a',
    2,
    2,
    1,
  ],
  [
    'a recursive query inside another that changes the tenant',
    'Post',
    'with recursive r (t, m, n) as (select tenant_id, tenant_id, 1 from users where tenant_id = $1 union all select q.m, q.m - 1, q.n + 1 from (with recursive s (m, n, k) as (select m, n, 0 from r where n < 5 union all select s.m, s.n, p.id from s join posts p on p.tenant_id = s.m where s.k = 0) select m, n from s) q) select count(*) from r',
    2,
  ],
  [
    'a filter above a recursive tree',
    'User, User',
    'with recursive t as (select id, tenant_id from users union all select u.id, u.tenant_id from users u join t on u.boss_id = t.id) select id from t where tenant_id = $1',
    2,
  ],
  [
    'SEARCH over everybody',
    'User',
    'with recursive t as (select id, boss_id from users where tenant_id = $1 union all select u.id, u.boss_id from users u join t on u.boss_id = t.id) search depth first by id set o select * from t',
    2,
  ],
  [
    'a column that CYCLE adds, as an owner',
    'Post',
    `with recursive t as (select id, boss_id from users where tenant_id = $1 union all select u.id, u.boss_id from users u join t on u.boss_id = t.id where u.tenant_id = $1) cycle id set o to 99 default 1 using p select x.id from posts x join t on x.tenant_id = t.o`,
    2,
  ],
  [
    'an aggregate over no row',
    'Post',
    'select o.id, x.n from countries o, lateral (select count(*) as c, (select count(*) from posts p where p.tenant_id = o.id) as n from users u where u.tenant_id = $1 and u.tenant_id = o.id) x',
    2,
  ],
  [
    'a name that an undeclared column may take first',
    'Post',
    'select u.level from (select tenant_id as level from users where tenant_id = $1) u where exists (select 1 from settings, posts p where p.tenant_id = level and p.id < 9)',
    2,
  ],
  [
    'a recursive query that begins with another tenant',
    'User foreign_value, Post foreign_value',
    'with recursive t as (select tenant_id, id from users where tenant_id = $2 and boss_id is null union all select u.tenant_id, u.id from users u join t on u.boss_id = t.id where u.tenant_id = $1) select p.id from t join posts p on p.tenant_id = t.tenant_id',
    2,
    1,
  ],
  [
    'a query in the LIMIT of a union',
    'Post',
    'select id from users where tenant_id = $1 union select id from posts where tenant_id = $1 order by 1 limit (select count(*) - 3 from posts)',
    2,
  ],
  [
    'a filter above a window over groups',
    'User',
    'select * from (select tenant_id, count(*) as n, rank() over (order by count(*), tenant_id) as r from users group by tenant_id) x where tenant_id = $1',
    2,
  ],
  [
    'a filter above OFFSET of UNION',
    'User, Post',
    'select * from (select tenant_id as t, id from users union all select tenant_id, id from posts order by 1, 2 offset 3) x where t = $1',
    2,
  ],
  [
    'WITH that means the table by its own name',
    'User',
    'with users as (select id, tenant_id from users where tenant_id = $1 union select id, tenant_id from users) select id from users',
    2,
  ],
  [
    'constants of two types in VALUES',
    'User',
    'select u.id from (values ($1::int4), ($2::int8)) as v (t) join users u on u.tenant_id = v.t',
    2,
    1,
  ],
  [
    'a cast whose name PostgreSQL makes up',
    'Post',
    `select u.id from (select tenant_id as "int4", id from users where tenant_id = $1) u where exists (select 1 from (select ('1')::int) c, posts p where p.tenant_id = "int4")`,
    2,
  ],
  [
    'VALUES with an order that asks a query',
    '(unknown) unsupported',
    'select id from users where tenant_id = $1 and id in (values (1), (2) order by case when (select count(*) from posts) > 3 then - column1 else column1 end limit 1)',
    2,
  ],
  [
    'a recursive query that goes on from another tenant',
    'Post foreign_value',
    'with recursive t as (select $2::int as tenant_id, 1 as id union all select u.tenant_id, t.id + 1 from users u join t on u.id = t.id join posts p on p.tenant_id = t.tenant_id and p.id = 1 where u.tenant_id = $1 and t.id < 3) select count(*) from t',
    2,
    1,
  ],
]

/** Refused: what they would do is not to be seen on the server of the tests, or is no question of rows. */
export const refused: readonly Refused[] = [
  [
    'a count in disguise, of a star that leaves out what a cycle adds',
    '(unknown) unsupported',
    `with recursive t as (select * from users where tenant_id = $1 union all
       select u.* from users u, t where u.tenant_id = $1 and t.id = u.boss_id) cycle id set count using path
     select q.count from (select * from t) q`,
    2,
  ],
  [
    'a filter above a lock',
    'User',
    'select * from (select * from users for update) x where tenant_id = $1',
    2,
  ],
  [
    'a later query of WITH RECURSIVE',
    '(unknown) unsupported',
    'with recursive a as (select * from b), b as (select 1) select * from a',
  ],
  [
    'a column whose name PostgreSQL makes up',
    'Post',
    'select u.id from (select tenant_id as "?column?", id from users where tenant_id = $1) u where exists (select 1 from (select id - 2 from countries) c, posts p where p.tenant_id = "?column?")',
    2,
  ],
  [
    'a query that refers to itself twice',
    '(unknown) unsupported',
    'with recursive t as (select id from users where tenant_id = $1 union select a.id from t a join t b on a.id = b.id) select id from t',
    2,
  ],
  [
    'an open query in an aggregate of LIMIT',
    'Post',
    'select id from users where tenant_id = $1 limit count((select max(id) from posts))',
    2,
  ],
]

export const safeButRefused: readonly SafeButRefused[] = [
  [
    'inner facts confine no outer row',
    'what a query says of rows around it does not confine them',
    'User',
    'select u.id from users u where exists (select 1 from posts p where p.tenant_id = $1 and u.tenant_id = $1)',
    2,
  ],
  [
    'inner equality with the outer row',
    'what a query says of rows around it does not confine them',
    'User',
    'select u.id from users u where u.id in (select p.user_id from posts p where p.tenant_id = $1 and p.tenant_id = u.tenant_id)',
    2,
  ],
  [
    'a filter above rollup',
    'a filter is never pushed below grouping sets',
    'User',
    'select * from (select tenant_id, count(*) as n from users group by rollup (tenant_id)) x where tenant_id = $1',
    2,
  ],
  [
    'WITH that nobody refers to',
    'each query of WITH is proved, also the one that is never run',
    'User',
    'with x as (select * from users) select 1',
  ],
  [
    'a scalar query as an anchor',
    'an owner is compared with constants and columns, not with what a query finds',
    'Post',
    'select id from posts where tenant_id = (select tenant_id from users where tenant_id = $1 limit 1)',
    2,
  ],
  [
    'a filter above a group by the owner and a rollup',
    'a filter is never pushed below grouping sets',
    'User',
    'select * from (select tenant_id, country, count(*) as n from users group by tenant_id, rollup (country)) x where tenant_id = $1',
    2,
  ],
]
