/** How each open relation is reported: `model violation action`, joined by commas. */
export const kinds: readonly (readonly [why: string, reported: string, text: string])[] = [
  ['the first of FROM', 'User missing_tenant_id select', 'select * from users'],
  [
    'the second of FROM',
    'User missing_tenant_id select, Post missing_relation_filter select',
    'select * from users, posts',
  ],
  [
    'what is joined',
    'User missing_tenant_id select, Post missing_relation_filter select',
    'select * from users u left join posts p on p.user_id = u.id',
  ],
  [
    'what is joined in the second of FROM',
    'User missing_relation_filter select, Post missing_relation_filter select',
    'select * from countries c, (users u join posts p on p.user_id = u.id)',
  ],
  ['a query in FROM', 'User missing_tenant_id select', 'select * from (select * from users) x'],
  [
    'a query that is joined',
    'Post missing_relation_filter select',
    'select * from countries c join (select * from posts) p on p.id = c.id',
  ],
  [
    'a query of WITH, where it is read first',
    'User missing_tenant_id select',
    'with x as (select * from users) select * from x',
  ],
  [
    'a query of WITH, where it is joined',
    'User missing_relation_filter select',
    'with x as (select * from users) select * from countries c join x on x.id = c.id',
  ],
  [
    'a query of WITH that nobody reads',
    'User missing_tenant_id select',
    'with x as (select * from users) select 1',
  ],
  [
    'a query that writes in WITH',
    'Tag missing_tenant_id delete',
    'with x as (delete from tags returning id) select * from countries c join x on x.id = c.id',
  ],
  [
    'the arms of a union',
    'User missing_tenant_id select, Post missing_tenant_id select',
    'select id from users union select id from posts',
  ],
  [
    'a query in an expression',
    'Post missing_relation_filter select',
    'select 1 where exists (select 1 from posts)',
  ],
  [
    'JSON_ARRAY of a query',
    'Post missing_relation_filter select',
    'select json_array(select id from posts)',
  ],
  ['a target of INSERT', 'User missing_tenant_id insert', 'insert into users (id) values (1)'],
  [
    'the source of INSERT',
    'Post missing_relation_filter insert, User missing_tenant_id insert',
    'insert into users (tenant_id) select tenant_id from posts',
  ],
  ['a target of UPDATE', 'User missing_tenant_id update', 'update users set name = null'],
  [
    'FROM of UPDATE',
    'User missing_tenant_id update, Post missing_relation_filter update',
    'update users set name = p.title from posts p where p.user_id = users.id',
  ],
  ['a target of DELETE', 'User missing_tenant_id delete', 'delete from users'],
  [
    'USING of DELETE',
    'User missing_tenant_id delete, Post missing_relation_filter delete',
    'delete from users using posts p where p.user_id = users.id',
  ],
  [
    'MERGE',
    'Post missing_relation_filter merge, User missing_tenant_id merge',
    'merge into users u using posts p on u.id = p.user_id when matched then delete',
  ],
  ['nobody knows what', '(unknown) missing_tenant_id select', 'select pg_sleep(1) from users'],
  ['a statement of another kind', '(unknown) missing_tenant_id other', 'truncate users'],
  [
    'an unknown function in INSERT',
    '(unknown) missing_tenant_id insert',
    'insert into users (id) values (pg_backend_pid())',
  ],
  [
    'an unknown function in UPDATE',
    '(unknown) missing_tenant_id update',
    'update users set id = pg_backend_pid()',
  ],
  [
    'an unknown function in DELETE',
    '(unknown) missing_tenant_id delete',
    'delete from users where id = pg_backend_pid()',
  ],
  [
    'an unknown function in MERGE',
    '(unknown) missing_tenant_id merge',
    'merge into users u using posts p on u.id = pg_backend_pid() when matched then delete',
  ],
  [
    'the first statement that reads or writes',
    '(unknown) missing_tenant_id delete',
    'begin; delete from users where id = pg_backend_pid(); select 1',
  ],
]
