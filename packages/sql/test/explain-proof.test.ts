import {
  defineTenantSchema,
  explainProof,
  liveSchema,
  loadCatalogue,
  ownedThrough,
  owner,
} from '@partywall/sql'
import { startPostgres } from '@partywall/testing'
import pg from 'pg'
import { expect, it, onTestFinished } from 'vitest'

const schema = defineTenantSchema({
  users: owner('tenant_id', { model: 'User' }),
  posts: owner('tenant_id', { model: 'Post' }),
  roles: owner('tenant_id', { model: 'Role', shared: 'null' }),
})

it('says which parameters confine which relation', async () => {
  const text = `select 1 from users u join posts p on p.tenant_id = any($2) where u.tenant_id = $1`
  expect(await explainProof(text, schema)).toEqual([
    {
      model: 'User',
      alias: 'u',
      open: false,
      tenantIs: ['$1'],
      by: ['u.tenant_id = $1'],
      says: 'User u is confined when $1 is the tenant: u.tenant_id = $1',
    },
    {
      model: 'Post',
      alias: 'p',
      open: false,
      tenantIs: ['every element of $2'],
      by: ['p.tenant_id = ANY ($2)'],
      says: 'Post p is confined when every element of $2 is the tenant: p.tenant_id = ANY ($2)',
    },
  ])
})

it('says which relation is open, and what would close it', async () => {
  const lines = await explainProof(`insert into users (id) select id from posts`, schema)
  expect(lines.map(({ says }) => says)).toEqual([
    'Post is open: compare its owner column itself with the tenant in WHERE, or in ON of the JOIN or LEFT JOIN that adds it',
    'User is written without its tenant: list the owner column with the tenant in every row, also in ON CONFLICT',
  ])
  // As the guard records it.
  expect(lines.map(({ detail }) => detail)).toEqual([undefined, 'tenant_write'])
  const [line] = await explainProof('select * from nowhere', schema)
  expect(line).toMatchObject({
    model: '(unknown)',
    detail: 'unknown_relation',
    obstacle: 'nowhere',
  })
})

it('says what stood in the way of a proof', async () => {
  const obstacles = await Promise.all(
    [
      'select 1 from app."No where"',
      'select pg_sleep(1)',
      'select 1::app.mine',
      'select 1 operator(app.+) 2',
      'drop table users',
      'select from x y z',
    ].map(async (text) => (await explainProof(text, schema)).map(({ obstacle }) => obstacle)),
  )
  expect(obstacles).toEqual([
    ['app.No where'],
    ['the function pg_sleep is not known to be harmless; declare it in `functions` if it is'],
    ['the type app.mine is neither built in nor declared in `types`'],
    ['the operator app.+ is not built in'],
    ['DROP'],
    ['syntax error at or near "z"'],
  ])
})

it('calls rows that all tenants share confined, as the guard does', async () => {
  const [line] = await explainProof('select name from roles where tenant_id is null', schema)
  expect(line).toEqual({
    model: 'Role',
    open: false,
    tenantIs: [],
    by: ['roles.tenant_id IS NULL'],
    says: 'Role is confined to rows that all tenants share: roles.tenant_id IS NULL',
  })
  expect(await explainProof('select name from roles', schema)).toMatchObject([{ open: true }])
})

// mutation src/proof/mentions.ts: const within = view ?? viewOf(leaf) => const within = view
// mutation src/proof/comparisons.ts: if (fact.left === term && isConstants(fact.right)) { => if (fact.left === owner && isConstants(fact.right)) {
// mutation src/proof/prove.ts: at, because: ownKeySaysNothing(keys), ...own => at, ...own
it('names aliases, views, and the comparisons between them', async () => {
  const server = await startPostgres()
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  onTestFinished(async () => {
    await client.end()
    await server.stop()
  })
  await client.query(`
    create table users (id int primary key, tenant_id text not null, name text);
    create table posts (id int primary key, tenant_id text not null, title text);
    create table roles (id int primary key, tenant_id text, name text);
    create table notes (id int primary key, post_id int not null references posts (id));
    create view titles as select p.id, p.tenant_id, u.name from posts p
      left join users u on u.tenant_id = p.tenant_id`)
  const declared = defineTenantSchema({
    users: owner('tenant_id', { model: 'User' }),
    posts: owner('tenant_id', { model: 'Post' }),
    roles: owner('tenant_id', { model: 'Role', shared: 'null' }),
    notes: ownedThrough('post_id', { model: 'Note' }),
  })
  const live = liveSchema(declared, await loadCatalogue(client))
  const says = async (text: string): Promise<readonly string[]> =>
    (await explainProof(text, live)).map((line) => line.says)
  expect(
    await says(
      'select from users a join users b on b.tenant_id <> a.tenant_id where a.tenant_id = $1',
    ),
  ).toEqual([
    'User a is confined when $1 is the tenant: a.tenant_id = $1',
    expect.stringMatching(/^User b is open: compare/),
  ])
  expect(await says('select from titles t where t.tenant_id = $1')).toEqual([
    'Post in the view titles t is confined when $1 is the tenant: posts.tenant_id = $1',
    'User in the view titles t is confined when $1 is the tenant: users.tenant_id = posts.tenant_id = $1',
  ])
  expect(await says('with titles as (select 1 from users) select from titles')).toEqual([
    expect.stringMatching(/^User is open: compare/),
  ])
  expect(
    await says(
      'select from notes n join posts p on p.id = n.post_id join users u on u.tenant_id = p.tenant_id where u.tenant_id in ($1, $2)',
    ),
  ).toEqual([
    'Note n is confined when $1, $2 are the tenant: n.post_id = p.id',
    'Post p is confined when $1, $2 are the tenant: p.tenant_id = u.tenant_id IN ($1, $2)',
    'User u is confined when $1, $2 are the tenant: u.tenant_id IN ($1, $2)',
  ])
  expect(await says('select from notes where id = $1')).toEqual([
    expect.stringContaining('join the row of public.posts with post_id = id, or use IN or EXISTS'),
  ])
  expect(await says('select from roles where tenant_id = $1 or tenant_id is null')).toEqual([
    'Role is confined when $1 is the tenant: roles.tenant_id = $1 OR roles.tenant_id IS NULL',
  ])
  const [line] = await explainProof('select from notes', declared)
  expect(line?.says).toContain('(liveSchema(), or --live)')
})

// mutation src/proof/obstacle-words.ts: if (known !== undefined) return known => if (known === '') return known
it.each([
  ['do $$ begin end $$', 'DO'],
  [`copy users to '/tmp/x'`, 'COPY'],
  ['select from users natural join posts', 'NATURAL JOIN'],
  [`select from xmltable('/x' passing '<x/>' columns a int)`, 'XMLTABLE'],
  ['create policy x on users', 'CREATE POLICY'],
  ['select 1 into x', 'SELECT INTO'],
  ['select from users tablesample system (1)', 'TABLESAMPLE'],
  ['show all', 'SHOW'],
])('names what it does not model as SQL does: %s', async (text, obstacle) => {
  expect(await explainProof(text, schema)).toMatchObject([{ obstacle }])
})
