import { inspect } from 'node:util'
import { createTenantContext, runAsSystem, runWithTenant } from '@partywall/context'
import {
  createGuard,
  defineTenantSchema,
  global,
  liveSchema,
  loadCatalogue,
  ownedThrough,
  owner,
} from '@partywall/sql'
import { guardDialect } from '@partywall/sql/kysely'
import { scopePlugin } from '@partywall/sql/kysely-scope'
import { type PostgresServer, startPostgres } from '@partywall/testing'
import fc from 'fast-check'
import {
  Kysely,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type SelectQueryBuilder,
  sql,
} from 'kysely'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

interface Database {
  authors: { id: number; tenant_id: string; name: string | null }
  books: { id: number; tenant_id: string; author_id: number | null; title: string | null }
  pages: { id: number; book_id: number; body: string | null }
  roles: { id: number; tenant_id: string | null; name: string }
  countries: { id: number; name: string }
}

const declared = defineTenantSchema<Database>({
  authors: owner('tenant_id', { model: 'Author' }),
  books: owner('tenant_id', { model: 'Book' }),
  pages: ownedThrough('book_id', { model: 'Page' }),
  roles: owner('tenant_id', { model: 'Role', shared: 'null' }),
  countries: global(),
})

const tables = `
create table authors (id int primary key, tenant_id text not null, name text);
create table books (id int primary key, tenant_id text not null, author_id int, title text);
create table pages (id int primary key, book_id int not null references books (id), body text);
create table roles (id int, tenant_id text, name text not null);
create table countries (id int primary key, name text not null);
insert into countries values (1, 'CH'), (2, 'FR');
insert into roles values (1, null, 'admin');`
const rows = (tenant: string, shift: number): string => `
insert into authors values (${1 + shift}, '${tenant}', 'Ann'), (${2 + shift}, '${tenant}', 'Bob');
insert into books values (${1 + shift}, '${tenant}', ${1 + shift}, 'one'), (${2 + shift}, '${tenant}', 1, 'two'), (${3 + shift}, '${tenant}', null, null);
insert into pages values (${1 + shift}, ${1 + shift}, 'a'), (${2 + shift}, ${2 + shift}, 'b');
insert into roles values (${2 + shift}, '${tenant}', 'own');`

const acme = createTenantContext({ tenantId: 'acme', env: 'prod' })

let server: PostgresServer
/** Own rows and those of others, scoped and guarded. */
let shared: Kysely<Database>
/** The one connection, beside the guard: a transaction of the test's own is around all that is asked. */
let client: pg.Client
/** Own rows alone, with nothing between: what is asked for without a tenant. */
let alone: Kysely<Database>
beforeAll(async () => {
  server = await startPostgres()
  client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query('create database alone')
  const other = new URL(server.url)
  other.pathname = '/alone'
  const own = new pg.Pool({ connectionString: other.href, max: 1 })
  await own.query(`${tables}${rows('acme', 0)}`)
  await client.query(`${tables}${rows('acme', 0)}${rows('globex', 10)}`)
  const schema = liveSchema(declared, await loadCatalogue(client))
  const query = client.query.bind(client)
  const lent = { query, release: () => undefined } as unknown as PostgresPoolClient
  const pool: PostgresPool = { connect: async () => lent, end: () => client.end() }
  shared = new Kysely<Database>({
    dialect: guardDialect(new PostgresDialect({ pool }), await createGuard(schema)),
    plugins: [scopePlugin(schema)],
  })
  alone = new Kysely<Database>({ dialect: new PostgresDialect({ pool: own }) })
})
afterAll(async () => {
  await shared.destroy()
  await alone.destroy()
  await server.stop()
})

beforeEach(async () => {
  await client.query('begin')
  await sql`begin`.execute(alone)
})
afterEach(async () => {
  await client.query('rollback')
  await sql`rollback`.execute(alone)
})

const asAcme = <Result>(work: () => Promise<Result>): Promise<Result> => runWithTenant(acme, work)

type Ask = (db: Kysely<Database>) => { execute(): Promise<unknown> }

const sorted = (reply: unknown): string[] =>
  (Array.isArray(reply) ? reply : [reply]).map((row) => inspect(row)).sort()

/** The same question about shared tables and about one's own. */
async function expectSame(ask: Ask): Promise<void> {
  const scoped = await asAcme(() => ask(shared).execute())
  expect(sorted(scoped)).toEqual(sorted(await ask(alone).execute()))
}

/** Every row that is not the tenant's. */
async function othersRows(): Promise<unknown> {
  const { rows: found } = await client.query(`
    select a::text as r from authors a where tenant_id <> 'acme'
    union all select b::text from books b where tenant_id <> 'acme'
    union all select p::text from pages p where book_id > 10
    union all select r::text from roles r where tenant_id is distinct from 'acme' order by 1`)
  return found
}

describe('reads', () => {
  const asks: readonly (readonly [string, Ask])[] = [
    ['a table', (db) => db.selectFrom('authors').selectAll()],
    ['an alias', (db) => db.selectFrom('authors as a').select(['a.id', 'a.name'])],
    [
      'OR',
      (db) =>
        db
          .selectFrom('books')
          .select('id')
          .where((eb) => eb.or([eb('id', '>', 0), eb('title', '=', 'x')])),
    ],
    [
      'a join',
      (db) =>
        db
          .selectFrom('books')
          .innerJoin('authors', 'authors.id', 'books.author_id')
          .select(['books.id', 'authors.name']),
    ],
    [
      'a left join',
      (db) =>
        db
          .selectFrom('books as b')
          .leftJoin('authors as a', (on) => on.on('a.name', '=', 'Bob'))
          .select(['b.id', 'a.id as author']),
    ],
    [
      'a right join',
      (db) =>
        db
          .selectFrom('authors as a')
          .rightJoin('books as b', 'b.author_id', 'a.id')
          .select(['b.id', 'a.name']),
    ],
    [
      'a full join',
      (db) =>
        db
          .selectFrom('authors as a')
          .fullJoin('books as b', 'b.author_id', 'a.id')
          .select(['b.id', 'a.name']),
    ],
    [
      'what is missing',
      (db) =>
        db
          .selectFrom('authors as a')
          .leftJoin('books as b', 'b.author_id', 'a.id')
          .where('b.id', 'is', null)
          .select('a.id'),
    ],
    ['a count', (db) => db.selectFrom('books').select((eb) => eb.fn.countAll().as('n'))],
    [
      'EXISTS',
      (db) =>
        db
          .selectFrom('authors')
          .select('name')
          .where((eb) =>
            eb.exists(
              eb
                .selectFrom('books')
                .select('books.id')
                .whereRef('books.author_id', '=', 'authors.id'),
            ),
          ),
    ],
    [
      'NOT IN',
      (db) =>
        db
          .selectFrom('authors')
          .select('name')
          .where('id', 'not in', (eb) =>
            eb.selectFrom('books').select('author_id').where('author_id', 'is not', null),
          ),
    ],
    [
      'a query in SELECT',
      (db) =>
        db.selectFrom('authors as a').select((eb) => [
          'a.id',
          eb
            .selectFrom('books as b')
            .whereRef('b.author_id', '=', 'a.id')
            .select((e) => e.fn.countAll().as('n'))
            .as('books'),
        ]),
    ],
    [
      'a union',
      (db) => db.selectFrom('authors').select('id').unionAll(db.selectFrom('books').select('id')),
    ],
    [
      'WITH',
      (db) =>
        db
          .with('recent', (w) => w.selectFrom('books').selectAll().where('id', '>', 1))
          .selectFrom('recent')
          .innerJoin('authors', 'authors.id', 'recent.author_id')
          .select(['recent.id', 'authors.name']),
    ],
    [
      'WITH under the name of a table',
      (db) =>
        db
          .with('books', (w) => w.selectFrom('books').select(['id', 'title']))
          .selectFrom('books')
          .select('title'),
    ],
    [
      'WITH RECURSIVE',
      (db) =>
        db
          .withRecursive('chain(id)', (w) =>
            w
              .selectFrom('books')
              .select('id')
              .where('id', '=', 1)
              .unionAll(
                w
                  .selectFrom('chain')
                  .innerJoin('books', (on) => on.on(sql<boolean>`books.id = chain.id + 1`))
                  .select('books.id'),
              ),
          )
          .selectFrom('chain')
          .selectAll(),
    ],
    ['a table owned through another', (db) => db.selectFrom('pages').select(['id', 'body'])],
    [
      'one in a left join',
      (db) =>
        db
          .selectFrom('books')
          .leftJoin('pages', 'pages.book_id', 'books.id')
          .select(['books.id', 'pages.body']),
    ],
    ['shared rows', (db) => db.selectFrom('roles').select('name')],
    [
      'shared rows in a left join',
      (db) =>
        db
          .selectFrom('books')
          .leftJoin('roles', 'roles.id', 'books.id')
          .select(['books.id', 'roles.name']),
    ],
    ['a global table', (db) => db.selectFrom('countries').selectAll()],
    [
      'LATERAL',
      (db) =>
        db
          .selectFrom('authors as a')
          .leftJoinLateral(
            (eb) =>
              eb
                .selectFrom('books as b')
                .whereRef('b.author_id', '=', 'a.id')
                .select('b.title')
                .orderBy('b.id')
                .limit(1)
                .as('last'),
            (on) => on.onTrue(),
          )
          .select(['a.id', 'last.title']),
    ],
    ['FOR UPDATE', (db) => db.selectFrom('books').select('id').where('id', '=', 1).forUpdate()],
  ]
  it.each(asks)('of %s mean the rows of the tenant', async (_, ask) => {
    await expectSame(ask)
  })
})

describe('writes', () => {
  const asks: readonly (readonly [string, Ask])[] = [
    ['an update', (db) => db.updateTable('books').set({ title: 'x' }).returning('id')],
    [
      'an update with OR',
      (db) =>
        db
          .updateTable('books')
          .set({ title: 'x' })
          .where((eb) => eb.or([eb('id', '=', 1), eb('id', '=', 11)]))
          .returning('id'),
    ],
    [
      'an update of an alias, from others',
      (db) =>
        db
          .updateTable('books as b')
          .from('authors as a')
          .set({ title: 'x' })
          .whereRef('a.id', '=', 'b.author_id')
          .returning(['b.id', 'a.name']),
    ],
    ['a removal', (db) => db.deleteFrom('pages').returning('id')],
    [
      'a removal of shared rows, which stay',
      (db) => db.deleteFrom('roles').where('name', '<>', 'admin').returning('id'),
    ],
    [
      'a removal by others',
      (db) =>
        db
          .deleteFrom('pages')
          .using('books')
          .whereRef('books.id', '=', 'pages.book_id')
          .where('books.title', '=', 'one')
          .returning('pages.id'),
    ],
    [
      'a removal with OR',
      (db) =>
        db
          .deleteFrom('roles')
          .where((eb) => eb.or([eb('id', '=', 2), eb('id', '=', 12)]))
          .returning('id'),
    ],
  ]
  it.each(asks)('as %s change the rows of the tenant', async (_, ask) => {
    const before = await othersRows()
    await expectSame(ask)
    expect(await othersRows()).toEqual(before)
  })

  it('get the owner column', async () => {
    const made = await asAcme(() =>
      shared
        .insertInto('books')
        .values([
          { id: 70, title: 'a' } as never,
          { id: 71, title: sql`upper('b')`, author_id: 1 } as never,
        ])
        .returning(['id', 'tenant_id', 'title'])
        .execute(),
    )
    expect(made).toEqual([
      { id: 70, tenant_id: 'acme', title: 'a' },
      { id: 71, tenant_id: 'acme', title: 'B' },
    ])
    const copied = await asAcme(() =>
      shared
        .insertInto('authors')
        .columns(['id', 'name'])
        .expression((eb) =>
          eb.selectFrom('books').select([sql<number>`id + 100`.as('id'), 'title']),
        )
        .returning(['id', 'tenant_id'])
        .execute(),
    )
    expect(copied.map(({ tenant_id }) => tenant_id)).toEqual([
      'acme',
      'acme',
      'acme',
      'acme',
      'acme',
    ])
  })

  it('keep an owner that is named: the guard decides', async () => {
    const insert = (tenant_id: string) =>
      asAcme(() => shared.insertInto('authors').values({ id: 80, tenant_id, name: null }).execute())
    await expect(insert('globex')).rejects.toMatchObject({ code: 'TENANT_CONTEXT_REQUIRED' })
    await insert('acme')
  })
})

it('refuses MERGE, and leaves the system and work without a scope alone', async () => {
  const merge = () =>
    shared
      .mergeInto('authors as a')
      .using('books as b', 'b.author_id', 'a.id')
      .whenMatched()
      .thenDelete()
      .execute()
  await expect(asAcme(merge)).rejects.toMatchObject({ code: 'sql.unscoped' })
  const all = () => shared.selectFrom('authors').select('id').execute()
  await expect(all()).rejects.toMatchObject({ code: 'TENANT_CONTEXT_REQUIRED' })
  await expect(runAsSystem({ actor: 'job', reason: 'nightly_job' }, all)).rejects.toMatchObject({
    code: 'TENANT_CONTEXT_REQUIRED',
  })
})

it('is no wall: what goes past it meets the guard', async () => {
  const past = () => shared.withoutPlugins().selectFrom('authors').select('id').execute()
  await expect(asAcme(past)).rejects.toMatchObject({ message: 'TENANT_CONTEXT_REQUIRED: Author' })
})

type Joining = SelectQueryBuilder<Record<string, { id: number }>, string, object>
type Kind = 'innerJoin' | 'leftJoin' | 'rightJoin' | 'fullJoin'

it('means the same for every tree of joins', async () => {
  const table = fc.constantFrom('authors', 'books', 'pages', 'roles', 'countries')
  const join = fc.record({
    kind: fc.constantFrom<Kind>('innerJoin', 'leftJoin', 'rightJoin', 'fullJoin'),
    table,
    by: fc.nat(3),
  })
  const tree = fc.record({
    first: table,
    joins: fc.array(join, { maxLength: 3 }),
    missing: fc.option(fc.nat(3), { nil: undefined }),
  })
  await fc.assert(
    fc.asyncProperty(tree, async ({ first, joins, missing }) => {
      await expectSame((db) => {
        const loose = db as unknown as Kysely<Record<string, { id: number }>>
        let query: Joining = loose.selectFrom(`${first} as t0`)
        joins.forEach(({ kind, table: name, by }, i) => {
          const joining = query as unknown as Record<Kind, (...args: string[]) => Joining>
          query = joining[kind](`${name} as t${i + 1}`, `t${i + 1}.id`, `t${by % (i + 1)}.id`)
        })
        const ids = [first, ...joins].map((_, i) => sql.ref(`t${i}.id`))
        const filtered =
          missing === undefined ? query : query.where(`t${missing % ids.length}.id`, 'is', null)
        return filtered.select(sql`array[${sql.join(ids)}]`.as('ids'))
      })
    }),
    { numRuns: 150, seed: 1 },
  )
})
