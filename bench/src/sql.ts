import { createTenantContext, runWithTenant } from '@partywall/context'
import { createGuard, defineTenantSchema, type Guard, owner } from '@partywall/sql'
import { guardPool } from '@partywall/sql/pg'
import { startPostgres } from '@partywall/testing'
import pg from 'pg'
import type { Case } from './alone.ts'

const acme = createTenantContext({ tenantId: 'acme', env: 'prod' })
const schema = defineTenantSchema({
  users: owner('tenant_id', { model: 'User', severity: 'CRITICAL' }),
  sessions: owner('tenant_id', { model: 'Session' }),
})
const text = 'select id, email from users where tenant_id = $1 and id = $2'
const join = `select u.email, s.id from users u join sessions s
  on s.user_id = u.id and s.tenant_id = u.tenant_id where u.tenant_id = $1 order by s.id limit 20`

/** What the guard itself takes, without a server. */
export const proofCases: readonly Case[] = [
  {
    name: 'a select that was seen before',
    prepare: async () => checking(await createGuard(schema), () => text, ['acme', 7]),
    goalNs: 5_000,
  },
  {
    name: 'a join that was seen before',
    prepare: async () => checking(await createGuard(schema), () => join, ['acme']),
    goalNs: 5_000,
  },
  {
    name: 'a join at first sight',
    prepare: async () => {
      let sight = 0
      const fresh = (): string => {
        sight += 1
        return `${join} offset ${sight}`
      }
      return checking(await createGuard(schema), fresh, ['acme'])
    },
    goalNs: 150_000,
  },
]

/** A whole select by primary key on a real PostgreSQL, there and back. */
export const selectCases: readonly Case[] = [
  {
    name: 'pg, without a guard',
    prepare: async () => selecting(await fill()),
  },
  {
    name: 'pg, guarded',
    prepare: async () => selecting(guardPool(await fill(), await createGuard(schema))),
  },
]

function checking(guard: Guard, sql: () => string, values: readonly unknown[]): () => unknown {
  const session = guard.session()
  return () => runWithTenant(acme, () => session.check({ text: sql(), values }))
}

async function fill(): Promise<pg.Pool> {
  const { url } = await startPostgres()
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  await pool.query('create table users (id int primary key, tenant_id text, email text)')
  await pool.query(`insert into users select n, 'acme', n || '@acme.test'
    from generate_series(1, 10000) n`)
  return pool
}

function selecting(pool: pg.Pool): () => Promise<unknown> {
  return () => runWithTenant(acme, () => pool.query(text, ['acme', 7]))
}
