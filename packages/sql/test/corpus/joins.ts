import type { Case, Refused, SafeButRefused } from './case.ts'

export const accepted: readonly Case[] = [
  [
    'both sides in WHERE',
    'select u.id from users u join posts p on p.user_id = u.id where u.tenant_id = $1 and p.tenant_id = $2',
    2,
    2,
  ],
  [
    'one side through the other',
    'select u.id, p.id from users u join posts p on p.user_id = u.id and p.tenant_id = u.tenant_id where u.tenant_id = $1',
    2,
  ],
  [
    'the tenant in ON of an inner join',
    'select u.id from users u join posts p on p.tenant_id = $1 and u.tenant_id = p.tenant_id',
    2,
  ],
  [
    'a comma join',
    'select u.id from users u, posts p where u.tenant_id = p.tenant_id and p.tenant_id = $1',
    2,
  ],
  [
    'cross join',
    'select count(*) from users u cross join posts p where u.tenant_id = p.tenant_id and p.tenant_id = $1',
    2,
  ],
  [
    'a left join in ON',
    'select u.id, p.id from users u left join posts p on p.user_id = u.id and p.tenant_id = $2 where u.tenant_id = $1',
    2,
    2,
  ],
  [
    'a left join through the left side',
    'select u.id, p.id from users u left join posts p on p.user_id = u.id and p.tenant_id = u.tenant_id where u.tenant_id = $1',
    2,
  ],
  [
    'a chain of left joins',
    'select u.id, p.id, t.id from users u left join posts p on p.user_id = u.id and p.tenant_id = u.tenant_id left join tags t on t.post_id = p.id and t.tenant_id = p.tenant_id where u.tenant_id = $1',
    2,
  ],
  [
    'a left join confined by WHERE',
    'select u.id, p.id from users u left join posts p on p.user_id = u.id where u.tenant_id = $1 and p.tenant_id = $1',
    2,
  ],
  [
    'a left join made inner',
    'select u.id from users u left join posts p on p.tenant_id = u.tenant_id where p.tenant_id = $1',
    2,
  ],
  [
    'a right join',
    'select u.id, p.id from posts p right join users u on p.user_id = u.id and p.tenant_id = u.tenant_id where u.tenant_id = $1',
    2,
  ],
  [
    'a full join of confined queries',
    'select a.id, b.id from (select * from users where tenant_id = $1) a full join (select * from posts where tenant_id = $2) b on a.id = b.user_id',
    2,
    2,
  ],
  [
    'a full join reduced by both',
    'select u.id from users u full join posts p on p.user_id = u.id where u.tenant_id = $1 and p.tenant_id = $1',
    2,
  ],
  [
    'a full join reduced by one side',
    'select u.id, p.id from users u full join posts p on p.user_id = u.id and p.tenant_id = u.tenant_id where u.tenant_id = $1',
    2,
  ],
  ['USING', 'select u.id from users u join posts p using (tenant_id) where tenant_id = $1', 2],
  [
    'USING in a left join',
    'select u.id, p.id from users u left join posts p using (tenant_id, id) where u.tenant_id = $1',
    2,
  ],
  [
    'USING in a left join, merged',
    'select u.id, p.id from users u left join posts p using (tenant_id) where tenant_id = $1',
    2,
  ],
  [
    'a global table',
    'select u.id, c.name from users u left join countries c on c.id = u.country where u.tenant_id = $1',
    2,
  ],
  [
    'a global table first',
    'select c.name, count(u.id) from countries c left join users u on u.country = c.id and u.tenant_id = $1 group by c.name',
    2,
  ],
  [
    'the table with itself',
    'select a.id, b.id from users a left join users b on b.id = a.boss_id and b.tenant_id = a.tenant_id where a.tenant_id = $1',
    2,
  ],
  [
    'nested joins',
    'select u.id, p.id, t.id from users u left join (posts p join tags t on t.post_id = p.id and t.tenant_id = p.tenant_id) on p.user_id = u.id and p.tenant_id = u.tenant_id where u.tenant_id = $1',
    2,
  ],
  [
    'LATERAL',
    'select u.id, x.title from users u left join lateral (select p.title from posts p where p.tenant_id = u.tenant_id and p.user_id = u.id order by p.id limit 1) x on true where u.tenant_id = $1',
    2,
  ],
  [
    'LATERAL with an aggregate',
    'select u.id, x.n from users u cross join lateral (select count(*) as n from posts p where p.tenant_id = u.tenant_id and p.user_id = u.id) x where u.tenant_id = $1',
    2,
  ],
  [
    'a text owner on both sides',
    'select a.id from docs a join docs b on a.owner = b.owner where b.owner = $1',
    'acme',
  ],
  [
    'an unqualified owner with one candidate',
    'select meta, owner from files join countries on countries.id = files.id where owner = $1',
    '22222222-2222-4222-8222-222222222222',
  ],
  [
    'an equality in the ON of a later join',
    'select u.id from users u join posts p on p.user_id = u.id join tags t on t.tenant_id = p.tenant_id and t.tenant_id = u.tenant_id where t.tenant_id = $1',
    2,
  ],
  [
    'a left join brought in by a strict equality',
    'select u.id, p.id, t.id from users u left join posts p on p.tenant_id = $1 and p.user_id = u.id left join tags t on t.tenant_id = p.tenant_id where u.tenant_id = $2',
    2,
    2,
  ],
  [
    'a left join that the ON of an inner one makes inner',
    'select u.id from users u left join posts p on p.tenant_id = u.tenant_id and p.tenant_id = $1 join tags t on t.post_id = p.id and t.tenant_id = p.tenant_id',
    2,
  ],
  [
    'a left join that WHERE makes inner, through an inner join',
    'select u.id from users u left join posts p on p.tenant_id = u.tenant_id join countries c on c.id = u.country where p.tenant_id = $1',
    2,
  ],
  [
    'a left join that WHERE makes inner, through a left join',
    'select u.id from users u left join posts p on p.tenant_id = u.tenant_id left join tags t on t.post_id = p.id and t.tenant_id = $1 where p.tenant_id = $1',
    2,
  ],
  [
    'a left join that WHERE makes inner, on the right of an inner join',
    'select u.id from countries c join (users u left join posts p on p.tenant_id = u.tenant_id) on c.id = u.country where p.tenant_id = $1',
    2,
  ],
  [
    'a left join that ON makes inner, on the nullable side of a right join',
    'select t.id, u.id from (users u left join posts p on p.tenant_id = u.tenant_id and p.tenant_id = $1) right join tags t on t.tenant_id = p.tenant_id where t.tenant_id = $1',
    2,
  ],
  [
    'a left join that ON makes inner, on the nullable side of a left join',
    'select t.id, u.id from tags t left join (users u left join posts p on p.tenant_id = u.tenant_id and p.tenant_id = $1) on p.tenant_id = t.tenant_id where t.tenant_id = $1',
    2,
  ],
  [
    'a full join both of whose sides WHERE names',
    'select u.id, p.id from users u full join posts p on p.user_id = u.id and p.tenant_id = u.tenant_id where p.tenant_id = $1 and u.tenant_id is not null',
    2,
  ],
  [
    'a full join reduced by its right side',
    'select u.id, p.id from users u full join posts p on p.user_id = u.id and p.tenant_id = u.tenant_id where p.tenant_id = $1',
    2,
  ],
  [
    'a right join made inner',
    'select u.id from posts p right join users u on p.tenant_id = u.tenant_id where p.tenant_id = $1',
    2,
  ],
  [
    'a nullable side named on its right',
    'select u.id from users u left join (posts p join tags t on t.tenant_id = p.tenant_id) on p.tenant_id = u.tenant_id where t.tenant_id = $1',
    2,
  ],
  [
    'a nullable side named on its left',
    'select u.id from users u left join (posts p left join tags t on t.tenant_id = p.tenant_id) on p.tenant_id = u.tenant_id where p.tenant_id = $1',
    2,
  ],
  [
    'a query in the ON of a left join',
    'select u.id, p.id from users u left join posts p on p.tenant_id = u.tenant_id and exists (select 1 from tags t where t.tenant_id = p.tenant_id and t.post_id = p.id) where u.tenant_id = $1',
    2,
  ],
  [
    'a query in the ON of a right join',
    'select u.id, p.id from posts p right join users u on p.tenant_id = u.tenant_id and exists (select 1 from tags t where t.tenant_id = p.tenant_id and t.post_id = p.id) where u.tenant_id = $1',
    2,
  ],
  [
    'a full join of inner joins',
    'select u.id, q.id from (users u join posts p on p.tenant_id = u.tenant_id and u.tenant_id = $1) full join (tags t join posts q on q.tenant_id = t.tenant_id and t.tenant_id = $1) on t.post_id = p.id',
    2,
  ],
  [
    'a star of one of two relations',
    'select x.t from (select p.* from countries c join posts p on p.id = c.id) as x (i, t) where x.t = $1',
    2,
  ],
  [
    'a star of an outer row',
    'select u.id from users u where u.tenant_id = $1 and exists (select u.* from posts p where p.tenant_id = u.tenant_id)',
    2,
  ],
  [
    'USING with a constant on the right',
    'select u.id from users u join (select 2 as tenant_id) x using (tenant_id) where u.tenant_id = $1',
    2,
  ],
  [
    'USING with a constant on the left',
    'select u.id from (select 2 as tenant_id) x join users u using (tenant_id) where u.tenant_id = $1',
    2,
  ],
]

/** Refused: the real server shows that they leak. */
export const leaking: readonly Refused[] = [
  [
    'only one side',
    'Post',
    'select u.id, p.title from users u join posts p on p.user_id = u.id where u.tenant_id = $1',
    2,
  ],
  [
    'only the joined side',
    'User',
    'select u.name from users u join posts p on p.user_id = u.id where p.tenant_id = $1',
    2,
  ],
  [
    'a left join without the tenant',
    'Post',
    'select u.id, p.title from users u left join posts p on p.user_id = u.id where u.tenant_id = $1',
    2,
  ],
  [
    'the left side in ON of a left join',
    'User',
    'select u.id from users u left join posts p on u.tenant_id = $1 and p.tenant_id = u.tenant_id',
    2,
  ],
  [
    'the left side through ON of a left join',
    'User',
    'select u.id from users u left join posts p on p.tenant_id = u.tenant_id and p.tenant_id = $1',
    2,
  ],
  [
    'the right side in ON of a right join',
    'User',
    'select u.id from posts p right join users u on u.tenant_id = p.tenant_id and p.tenant_id = $1',
    2,
  ],
  [
    'a full join with conditions in ON',
    'User, Post',
    'select u.id, p.id from users u full join posts p on u.tenant_id = $1 and p.tenant_id = u.tenant_id',
    2,
  ],
  [
    'USING merged from the nullable side',
    'Post, User',
    'select u.id from posts p right join users u using (tenant_id) where p.id = $1',
    2,
  ],
  [
    'a chain broken in the middle',
    'Tag',
    'select u.id, t.label from users u left join posts p on p.tenant_id = u.tenant_id left join tags t on t.post_id = p.id where u.tenant_id = $1',
    2,
  ],
  [
    'ON under a nullable side says nothing outside',
    'User',
    'select u.id from users u left join (posts p join tags t on t.tenant_id = p.tenant_id and p.tenant_id = $1) on p.tenant_id = u.tenant_id',
    2,
  ],
  [
    'LATERAL without the tenant',
    'Post',
    'select u.id, x.title from users u, lateral (select p.title from posts p where p.user_id = u.id) x where u.tenant_id = $1',
    2,
  ],
  [
    'ON of a left join does not make the join before it inner',
    'User',
    'select u.id from users u left join posts p on p.tenant_id = $1 and u.tenant_id = $1 left join tags t on t.tenant_id = p.tenant_id',
    2,
  ],
  [
    'a right join whose right side WHERE names',
    'User',
    'select u.id from posts p right join users u on p.tenant_id = $1 and u.tenant_id = $1 where u.tenant_id is not null',
    2,
  ],
  [
    'a left join whose left side WHERE names',
    'User',
    'select u.id from users u left join posts p on p.tenant_id = $1 and u.tenant_id = $1 where u.tenant_id is not null',
    2,
  ],
  [
    'a full join whose left side WHERE names',
    'User',
    'select u.id, p.id from users u full join posts p on p.id = u.id and p.tenant_id = $1 and u.tenant_id = $1 where u.tenant_id is not null',
    2,
  ],
  [
    'a full join whose right side WHERE names',
    'Post',
    'select u.id, p.id from users u full join posts p on p.id = u.id and p.tenant_id = $1 and u.tenant_id = $1 where p.tenant_id is not null',
    2,
  ],
]

/** Refused: what they would do is not to be seen on the server of the tests, or is no question of rows. */
export const refused: readonly Refused[] = [
  [
    'a nullable anchor that is not strict',
    'Tag',
    'select t.label from users u left join posts p on p.tenant_id = u.tenant_id left join tags t on t.tenant_id is not distinct from p.tenant_id where u.tenant_id = $1',
    2,
  ],
  [
    'NATURAL',
    '(unknown) unsupported',
    'select * from users natural join posts where tenant_id = $1',
    2,
  ],
  [
    'equality across types',
    'Doc',
    'select d.body from users u join docs d on d.owner = u.tenant_id::text where u.tenant_id = $1',
    2,
  ],
  [
    'a join with an alias of its own',
    '(unknown) unsupported',
    'select j.id from (users u join countries c on c.id = u.country) as j',
    2,
  ],
  [
    'a table hidden by an alias',
    '(unknown) unsupported',
    'select users.id from users u where users.tenant_id = $1',
    2,
  ],
  [
    'a sibling without LATERAL',
    '(unknown) unsupported',
    'select * from users u, (select * from posts p where p.tenant_id = u.tenant_id) x where u.tenant_id = $1',
    2,
  ],
  [
    'two relations of one name',
    '(unknown) unsupported',
    'select u.id from users u, posts u where u.tenant_id = $1',
    2,
  ],
  [
    'every column of two relations of one name',
    '(unknown) unsupported',
    'select u.* from users u, posts u',
  ],
]

export const safeButRefused: readonly SafeButRefused[] = [
  [
    'USING in a full join',
    'the merged column is neither of the two',
    'User, Post',
    'select u.id from users u full join posts p using (tenant_id) where tenant_id = $1',
    2,
  ],
]
