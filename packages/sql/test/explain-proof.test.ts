import { defineTenantSchema, explainProof, owner } from '@partywall/sql'
import { expect, it } from 'vitest'

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
      open: false,
      tenantIs: ['$1'],
      says: 'User is confined when $1 is the tenant',
    },
    {
      model: 'Post',
      open: false,
      tenantIs: ['every element of $2'],
      says: 'Post is confined when every element of $2 is the tenant',
    },
  ])
})

it('says which relation is open, and what would close it', async () => {
  const lines = await explainProof(`insert into users (id) select id from posts`, schema)
  expect(lines.map(({ says }) => says)).toEqual([
    'Post is open: compare its owner column itself with the tenant in WHERE, or in ON of the JOIN or LEFT JOIN that adds it',
    'User is written without its tenant: list the owner column with a constant, also in ON CONFLICT',
  ])
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
    ['DropStmt'],
    ['syntax error at or near "z"'],
  ])
})

it('calls rows that all tenants share confined, as the guard does', async () => {
  const [line] = await explainProof('select name from roles where tenant_id is null', schema)
  expect(line).toEqual({
    model: 'Role',
    open: false,
    tenantIs: [],
    says: 'Role is confined to rows that all tenants share',
  })
  expect(await explainProof('select name from roles', schema)).toMatchObject([{ open: true }])
})
