import { createGuard, type Guard } from '@partywall/sql'
import { guardDialect } from '@partywall/sql/kysely'
import { guardPool } from '@partywall/sql/pg'
import { guardPostgres } from '@partywall/sql/postgres'
import { withTenantTransaction } from '@partywall/sql/row-security'
import { type Dialect, Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import postgres from 'postgres'
import type { Contender, Find } from './contender.ts'
import { limitedRole, schema } from './users.ts'

const text = 'select id, email from users where tenant_id = $1 and id = $2'

interface Database {
  readonly users: { readonly id: number; readonly tenant_id: string; readonly email: string }
}

const guarding = (): Promise<Guard> => createGuard(schema)

/** Clients that are given SQL, or make it at once. */
export const sqlContenders: readonly Contender[] = [
  { name: 'pg', prepare: async (url) => finding(poolOf(url)) },
  // What differs from 1 here is what cannot be measured.
  { name: 'pg, once more', beside: 'pg', prepare: async (url) => finding(poolOf(url)) },
  {
    name: 'pg, guarded',
    beside: 'pg',
    goal: 1.03,
    prepare: async (url) => finding(guardPool(poolOf(url), await guarding())),
  },
  { name: 'Kysely', prepare: async (url) => building(dialectOf(url)) },
  {
    name: 'Kysely, guarded',
    beside: 'Kysely',
    goal: 1.03,
    prepare: async (url) => building(guardDialect(dialectOf(url), await guarding())),
  },
  { name: 'postgres.js', prepare: async (url) => tagging(clientOf(url)) },
  {
    name: 'postgres.js, guarded',
    beside: 'postgres.js',
    goal: 1.03,
    prepare: async (url) => tagging(guardPostgres(clientOf(url), await guarding())),
  },
  {
    name: 'row-level security: begin, set_config, select, commit',
    beside: 'pg',
    prepare: async (url) => telling(limitedPool(url)),
  },
  {
    name: 'row-level security: withTenantTransaction',
    beside: 'pg',
    prepare: async (url) => {
      const pool = limitedPool(url)
      return (tenantId, id) =>
        withTenantTransaction(
          pool,
          async (client) => (await client.query(text, [tenantId, id])).rows,
        )
    },
  },
]

function poolOf(url: string): pg.Pool {
  return new pg.Pool({ connectionString: url, max: 1 })
}

/** Policies do not hold for whoever made the tables. */
function limitedPool(url: string): pg.Pool {
  return new pg.Pool({ connectionString: url, max: 1, options: `-c role=${limitedRole}` })
}

function dialectOf(url: string): Dialect {
  return new PostgresDialect({ pool: poolOf(url) })
}

function clientOf(url: string): postgres.Sql {
  const { host, port, user, password, database } = new pg.Client({ connectionString: url })
  // It reads no URL of a Unix socket.
  return postgres({
    host,
    port,
    database: database ?? '',
    username: user ?? '',
    max: 1,
    ...(password === undefined ? {} : { password }),
  })
}

function finding(pool: pg.Pool): Find {
  return async (tenantId, id) => (await pool.query(text, [tenantId, id])).rows
}

function building(dialect: Dialect): Find {
  const db = new Kysely<Database>({ dialect })
  return (tenantId, id) =>
    db
      .selectFrom('users')
      .select(['id', 'email'])
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .execute()
}

function tagging(sql: postgres.Sql): Find {
  return (tenantId, id) =>
    sql`select id, email from users where tenant_id = ${tenantId} and id = ${id}`
}

function telling(pool: pg.Pool): Find {
  return async (tenantId, id) => {
    const client = await pool.connect()
    try {
      await client.query('begin')
      await client.query(`select set_config('partywall.tenant', $1, true)`, ['acme'])
      const { rows } = await client.query(text, [tenantId, id])
      await client.query('commit')
      return rows
    } finally {
      client.release()
    }
  }
}
