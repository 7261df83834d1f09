import { runWithTenant } from '@partywall/context'
import {
  createGuard,
  defineTenantSchema,
  type Guard,
  global,
  liveSchema,
  loadCatalogue,
  owner,
} from '@partywall/sql'
import { guardPostgresDialect } from '@partywall/sql/kysely'
import { guardClient, guardPool } from '@partywall/sql/pg'
import { guardPostgres } from '@partywall/sql/postgres'
import { type PostgresServer, startPostgres } from '@partywall/testing'
import { CompiledQuery, Kysely } from 'kysely'
import pg from 'pg'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { postgresOptions } from './postgres-shop.ts'
import { acme } from './shop.ts'

const declared = defineTenantSchema({ countries: global(), books: owner('tenant_id') })
const text = 'select name from countries'
const opaque = 'TENANT_CONTEXT_REQUIRED: (unknown)'

let server: PostgresServer
let admin: pg.Client
/** One has a schema of its name, with other tenants' books under the name of a table; one has none. */
let roles: { readonly housed: string; readonly plain: string }
beforeAll(async () => {
  server = await startPostgres()
  admin = new pg.Client({ connectionString: server.url })
  await admin.connect()
  const suffix = server.connection.database.slice(-8)
  roles = { housed: `housed_${suffix}`, plain: `plain_${suffix}` }
  await admin.query(`create table countries (id int, name text);
    create table books (id int, tenant_id text);
    insert into countries values (1, 'CH'); insert into books values (1, 'globex');
    create role ${roles.housed} login password 'x'; create role ${roles.plain} login password 'x';
    create schema ${roles.housed} authorization ${roles.housed};
    create view ${roles.housed}.countries as select id, tenant_id as name from public.books;
    grant all on all tables in schema public, ${roles.housed} to ${roles.housed}, ${roles.plain}`)
})
afterAll(async () => {
  const { housed, plain } = roles
  await admin.query(`drop owned by ${housed}, ${plain} cascade; drop role ${housed}, ${plain}`)
  await admin.end()
  await server.stop()
})

function urlOf(role: string | undefined): string {
  const url = new URL(server.url)
  if (role !== undefined) Object.assign(url, { username: role, password: 'x' })
  return url.href
}

/** A guard whose catalogue was read by a role, with this search path. */
async function guardReadAs(role: string | undefined, path = '"$user", public'): Promise<Guard> {
  const reader = new pg.Client({ connectionString: urlOf(role) })
  await reader.connect()
  await reader.query(`set search_path = ${path}`)
  const schema = liveSchema(declared, await loadCatalogue(reader))
  await reader.end()
  return createGuard(schema)
}

type Send = () => PromiseLike<unknown>

const rowsOf = ({ rows }: { readonly rows: unknown }): unknown => rows

const ways: Readonly<Record<string, (url: string, guard: Guard) => Send | Promise<Send>>> = {
  'a pool of pg': (connectionString, guard) => {
    const pool = guardPool(new pg.Pool({ connectionString }), guard)
    onTestFinished(() => pool.end())
    return async () => rowsOf(await pool.query(text))
  },
  'a client of pg that was connected before': async (connectionString, guard) => {
    const raw = new pg.Client({ connectionString })
    await raw.connect()
    onTestFinished(() => raw.end())
    const client = guardClient(raw, guard)
    return async () => rowsOf(await client.query(text))
  },
  'Kysely on a pool of pg': (connectionString, guard) => {
    const pool = new pg.Pool({ connectionString })
    const db = new Kysely<never>({ dialect: guardPostgresDialect({ pool }, guard) })
    onTestFinished(() => db.destroy())
    return async () => rowsOf(await db.executeQuery(CompiledQuery.raw(text)))
  },
  'postgres.js': (url, guard) => {
    const sql = guardPostgres(postgres(optionsOf(url)), guard)
    onTestFinished(() => sql.end())
    return async () => [...(await sql.unsafe(text))]
  },
  'a transaction of postgres.js': (url, guard) => {
    const sql = guardPostgres(postgres(optionsOf(url)), guard)
    onTestFinished(() => sql.end())
    return async () => sql.begin(async (own) => [...(await own.unsafe(text))])
  },
}

function optionsOf(url: string): ReturnType<typeof postgresOptions> {
  const { username } = new URL(url)
  const options = postgresOptions(server.url)
  return username in { [roles.housed]: 1, [roles.plain]: 1 }
    ? { ...options, username, user: username, password: 'x' }
    : options
}

const own = [{ name: 'CH' }]

describe.each(Object.entries(ways))('%s', (_, open) => {
  const answersTo = async (role: string | undefined, guard: Guard): Promise<Send> => {
    const send = await open(urlOf(role), guard)
    return () => runWithTenant(acme, async () => send())
  }

  // mutation src/guard/session-path.ts: !== false => !== undefined
  it('refuses a role that finds other tables than the one that read the catalogue', async () => {
    const raw = new pg.Client({ connectionString: urlOf(roles.housed) })
    await raw.connect()
    const { rows } = await raw.query(text)
    await raw.end()
    expect(rows).toEqual([{ name: 'globex' }])
    const send = await answersTo(roles.housed, await guardReadAs(undefined))
    await expect(send()).rejects.toThrow(opaque)
    await expect(send()).rejects.toThrow(opaque)
  })

  it('serves a role that finds the same', async () => {
    for (const reader of [undefined, roles.plain]) {
      const guard = await guardReadAs(reader)
      for (const role of [undefined, roles.plain]) {
        const send = await answersTo(role, guard)
        expect(await send()).toEqual(own)
        expect(await send()).toEqual(own)
      }
    }
  })
})

// mutation src/schema/search-path.ts: === own => !== ''
it('refuses roles without a schema where the one that read the catalogue has one', async () => {
  const guard = await guardReadAs(roles.housed)
  const answerTo = (role: string): Promise<unknown> => {
    const pool = guardPool(new pg.Pool({ connectionString: urlOf(role) }), guard)
    onTestFinished(() => pool.end())
    return runWithTenant(acme, async () => rowsOf(await pool.query(`select 'CH' as name`)))
  }
  expect(await answerTo(roles.housed)).toEqual(own)
  await expect(answerTo(roles.plain)).rejects.toThrow(opaque)
})

it('does not mind where the path names nobody', async () => {
  const options = '-c search_path=public'
  const guard = await guardReadAs(undefined, 'public')
  const pool = guardPool(new pg.Pool({ connectionString: urlOf(roles.housed), options }), guard)
  onTestFinished(() => pool.end())
  expect(rowsOf(await runWithTenant(acme, async () => pool.query(text)))).toEqual(own)
})

// mutation src/schema/search-path.ts: found(path, user) === own => found(text, user) === own
it('refuses sessions that find other tables by their path', async () => {
  const guard = await guardReadAs(undefined, 'public')
  const { housed } = roles
  const answerBy = (path: string): Promise<unknown> => {
    const options = `-c search_path=${path}`
    const pool = guardPool(new pg.Pool({ connectionString: urlOf(housed), options }), guard)
    onTestFinished(() => pool.end())
    return runWithTenant(acme, async () => rowsOf(await pool.query(text)))
  }
  expect(await answerBy('public')).toEqual(own)
  expect(await answerBy('pg_catalog,public,nobody')).toEqual(own)
  await expect(answerBy(`${housed},public`)).rejects.toThrow(opaque)
  await expect(answerBy('public,pg_catalog')).rejects.toThrow(opaque)
})

// mutation src/schema/search-path.ts: && !closed.has(JSON.stringify([name, user])) => && true
it('refuses a role that may not use a schema of the path', async () => {
  const { housed, plain } = roles
  await admin.query(`create schema shop; grant usage on schema shop to ${housed}`)
  onTestFinished(() => void admin.query('drop schema shop cascade'))
  const guard = await guardReadAs(undefined, 'shop, public')
  const answerTo = (role: string): Promise<unknown> => {
    const options = '-c search_path=shop,public'
    const pool = guardPool(new pg.Pool({ connectionString: urlOf(role), options }), guard)
    onTestFinished(() => pool.end())
    return runWithTenant(acme, async () => rowsOf(await pool.query(text)))
  }
  expect(await answerTo(housed)).toEqual(own)
  await expect(answerTo(plain)).rejects.toThrow(opaque)
})
