import { runWithTenant } from '@partywall/context'
import {
  acme,
  assertNoInterference,
  findInterference,
  type NonInterferenceOptions,
  type PostgresServer,
  startPostgres,
} from '@partywall/testing'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'

let postgres: PostgresServer
beforeAll(async () => {
  postgres = await startPostgres({ env: {} })
})
afterAll(() => postgres.stop())

const schema = `
  create table users (
    id integer not null, tenant_id text not null, email text not null, age integer,
    primary key (tenant_id, id));
  create table sessions (
    id bigserial primary key, tenant_id text not null, token text not null unique, seen timestamptz);
`

type Operation = (pool: pg.Pool) => unknown

function harness(operations: Record<string, Operation>): NonInterferenceOptions<pg.Pool> {
  return {
    postgres,
    schema,
    tables: { users: 'tenant_id', sessions: 'tenant_id' },
    tenant: 'acme',
    rows: (tenant_id, { number, text, unique }) => ({
      users: [1, 2, 3].map((n) => ({
        id: number(n),
        tenant_id,
        email: text(`user${n}@example.com`),
        age: 30 + n,
      })),
      sessions: [{ tenant_id, token: unique.text('token') }],
    }),
    connect: ({ url }) => new pg.Pool({ connectionString: url }),
    disconnect: (pool) => pool.end(),
    operations,
  }
}

const mine = "tenant_id = 'acme'"

it('finds nothing where every statement keeps to its tenant', async () => {
  const found = await findInterference(
    harness({
      list: (pool) => pool.query(`select * from users where ${mine} order by id`),
      count: (pool) => pool.query(`select count(*) from users where ${mine}`),
      update: (pool) => pool.query(`update users set age = age + 1 where ${mine}`),
      insert: (pool) =>
        pool.query("insert into sessions (tenant_id, token) values ('acme', 'new') returning id"),
      delete: (pool) => pool.query(`delete from users where ${mine} and id = 2`),
      refuse: (pool) => pool.query("insert into users values (1, 'acme', 'twice')"),
    }),
  )
  expect(found).toBeUndefined()
})

const leaks: readonly [string, string, string, string][] = [
  ['a forgotten where', 'select * from users order by id', 'reply', 'plain'],
  ['a count over all', 'select count(*) from users', 'reply', 'plain'],
  ['a where under or', `select * from users where ${mine} or age > 31`, 'reply', 'plain'],
  ['an update by id only', 'update users set age = 0 where id = 1', 'reply', 'colliding'],
  ['a delete of all', 'delete from sessions', 'reply', 'plain'],
  ['a pattern', "select email from users where email like 'user1%'", 'reply', 'plain'],
  ['a lookup by text only', "select 1 from users where email = 'acme'", 'reply', 'hostile'],
]

for (const [name, statement, what] of leaks) {
  it(`finds ${name}`, async () => {
    const found = await findInterference(harness({ [name]: (pool) => pool.query(statement) }))
    expect(found).toMatchObject({ operation: name })
    expect([what, 'foreign rows']).toContain(found?.what)
  })
}

it('finds a statement that changes foreign rows and hides it from its reply', async () => {
  const found = await findInterference(
    harness({
      hide: async (pool) => {
        await pool.query("update users set email = 'taken' where id = 1")
        return 'done'
      },
    }),
  )
  expect(found).toMatchObject({ world: 'colliding', what: 'foreign rows' })
  expect(found?.difference).toMatchObject({ path: '$.users[0].email', found: '"taken"' })
})

it('finds rows that a tenant plants in another one', async () => {
  const found = await findInterference(
    harness({
      plant: (pool) => pool.query("insert into users values (9, 'globex', 'planted')"),
    }),
  )
  expect(found).toMatchObject({ world: 'none', what: 'foreign rows' })
})

it('finds a tenant that learns of another by an error', async () => {
  const found = await findInterference(
    harness({
      probe: (pool) =>
        pool.query("insert into sessions (tenant_id, token) values ('acme', 'token.1')"),
    }),
  )
  expect(found).toMatchObject({ operation: 'probe', what: 'reply', world: 'plain' })
})

it('reports the operation, the world and the first difference in one message', async () => {
  const options = harness({ report: (pool) => pool.query('select id from users order by id') })
  await expect(assertNoInterference(options)).rejects.toMatchObject({
    code: 'testing.interference',
    message: expect.stringMatching(
      /^report: in the world "plain" the reply is not .*at \$\.rowCount\n/,
    ),
  })
})

it('works with Kysely as with pg', async () => {
  interface Tables {
    readonly users: { readonly id: number; readonly tenant_id: string }
  }
  const base = harness({ none: () => 0 })
  await assertNoInterference<Kysely<Tables>>({
    ...base,
    connect: ({ url }) =>
      new Kysely({
        dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }),
      }),
    disconnect: (db) => db.destroy(),
    operations: {
      list: (db) =>
        runWithTenant(acme, () =>
          db.selectFrom('users').selectAll().where('tenant_id', '=', 'acme').execute(),
        ),
      remove: (db) => db.deleteFrom('users').where('tenant_id', '=', 'acme').execute(),
    },
  })
})

it('takes out what differs by nature, if told how', async () => {
  const options = harness({ now: (pool) => pool.query('select clock_timestamp() as now') })
  expect(await findInterference(options)).toMatchObject({ operation: 'now' })
  expect(await findInterference({ ...options, normalise: () => 'a reply' })).toBeUndefined()
})

it('refuses a comparison that compares nothing', async () => {
  const good = harness({ none: () => 0 })
  const bad = [
    { ...good, operations: {} },
    { ...good, tables: {} },
    { ...good, others: [] },
    { ...good, others: ['acme'] },
    { ...good, rows: () => ({}) },
  ]
  for (const options of bad) {
    await expect(findInterference(options)).rejects.toMatchObject({ code: 'testing.options' })
  }
})
