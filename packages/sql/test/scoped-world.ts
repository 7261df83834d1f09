import { inspect } from 'node:util'
import { createTenantContext, runWithTenant } from '@partywall/context'
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
import { startPostgres } from '@partywall/testing'
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient, sql } from 'kysely'
import pg from 'pg'
import { expect } from 'vitest'

export interface Database {
  authors: { id: number; tenant_id: string; name: string | null }
  books: { id: number; tenant_id: string; author_id: number | null; title: string | null }
  pages: { id: number; book_id: number; body: string | null }
  notes: { id: number; about: number }
  roles: { id: number; tenant_id: string | null; name: string }
  countries: { id: number; name: string }
}

const declared = defineTenantSchema<Database>({
  authors: owner('tenant_id', { model: 'Author' }),
  books: owner('tenant_id', { model: 'Book' }),
  pages: ownedThrough('book_id', { model: 'Page' }),
  notes: ownedThrough('about', { model: 'Note' }),
  roles: owner('tenant_id', { model: 'Role', shared: 'null' }),
  countries: global(),
})

/** Where the tenant is alone, it need not be named. */
const tables = (ofOwner: string): string => `
create table authors (id int primary key, tenant_id text not null ${ofOwner}, name text);
create table books (id int primary key default 900, tenant_id text not null ${ofOwner}, author_id int, title text);
create table pages (id int primary key, book_id int not null references books (id), body text);
create table notes (id int primary key, about int not null references notes (id));
create table roles (id int, tenant_id text ${ofOwner}, name text not null);
create table countries (id int primary key, name text not null);
insert into countries values (1, 'CH'), (2, 'FR');
insert into roles values (1, null, 'admin');`
const rows = (tenant: string, shift: number): string => `
insert into authors values (${1 + shift}, '${tenant}', 'Ann'), (${2 + shift}, '${tenant}', 'Bob');
insert into books values (${1 + shift}, '${tenant}', ${1 + shift}, 'one'), (${2 + shift}, '${tenant}', 1, 'two'), (${3 + shift}, '${tenant}', null, null);
insert into pages values (${1 + shift}, ${1 + shift}, 'a'), (${2 + shift}, ${2 + shift}, 'b');
insert into roles values (${2 + shift}, '${tenant}', 'own');`

const acme = createTenantContext({ tenantId: 'acme', env: 'prod' })

export const asAcme = <Result>(work: () => Result): Result => runWithTenant(acme, work)

export type Ask = (db: Kysely<Database>) => { execute(): Promise<unknown> }

export interface ScopedWorld {
  /** Own rows and those of others, scoped and guarded. */
  readonly shared: Kysely<Database>
  /** The same question about shared tables and about tables of one's own with nothing between. */
  expectSame(ask: Ask): Promise<void>
  /** Every row that is not the tenant's. */
  othersRows(): Promise<unknown>
  /** A transaction of the test's own is around all that is asked. */
  begin(): Promise<void>
  rollback(): Promise<void>
  stop(): Promise<void>
}

export async function startScopedWorld(): Promise<ScopedWorld> {
  const server = await startPostgres()
  // The one connection, beside the guard.
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query('create database alone')
  const other = new URL(server.url)
  other.pathname = '/alone'
  const own = new pg.Pool({ connectionString: other.href, max: 1 })
  await own.query(`${tables("default 'acme'")}${rows('acme', 0)}`)
  await client.query(`${tables('')}${rows('acme', 0)}${rows('globex', 10)}`)
  const schema = liveSchema(declared, await loadCatalogue(client))
  const query = client.query.bind(client)
  const lent = { query, release: () => undefined } as unknown as PostgresPoolClient
  const pool: PostgresPool = { connect: async () => lent, end: () => client.end() }
  const shared = new Kysely<Database>({
    dialect: guardDialect(new PostgresDialect({ pool }), await createGuard(schema)),
    plugins: [scopePlugin(schema)],
  })
  const alone = new Kysely<Database>({ dialect: new PostgresDialect({ pool: own }) })
  return {
    shared,
    async expectSame(ask) {
      const scoped = await asAcme(() => ask(shared).execute())
      expect(sorted(scoped)).toEqual(sorted(await ask(alone).execute()))
    },
    async othersRows() {
      const { rows: found } = await client.query(`
        select a::text as r from authors a where tenant_id <> 'acme'
        union all select b::text from books b where tenant_id <> 'acme'
        union all select p::text from pages p where book_id between 11 and 20
        union all select r::text from roles r where tenant_id is distinct from 'acme' order by 1`)
      return found
    },
    async begin() {
      await client.query('begin')
      await sql`begin`.execute(alone)
    },
    async rollback() {
      await client.query('rollback')
      await sql`rollback`.execute(alone)
    },
    async stop() {
      await shared.destroy()
      await alone.destroy()
      await server.stop()
    },
  }
}

const sorted = (reply: unknown): string[] =>
  (Array.isArray(reply) ? reply : [reply]).map((row) => inspect(row)).sort()
