import { createTenantContext, type TenantContext } from '@partywall/context'
import { defineTenantSchema, owner, type TenantSchema } from '@partywall/sql'
import { rowSecurityStatements } from '@partywall/sql/row-security'
import { startPostgres } from '@partywall/testing'
import pg from 'pg'

/** The tenant that everything is asked for. */
export const acme: TenantContext = createTenantContext({ tenantId: 'acme', env: 'prod' })

export const schema: TenantSchema = defineTenantSchema({
  users: owner('tenant_id', { model: 'User', severity: 'CRITICAL' }),
  sessions: owner('tenant_id', { model: 'Session' }),
})

/** Users from 1; those of acme are the odd ones, the others are globex's. */
const users = 10_000

/** The role that row-level security holds for. */
export const limitedRole = 'limited'

/** A server with a table of users of two tenants; gives its URL. */
export async function startUsers(): Promise<string> {
  const { url } = await startPostgres()
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  await pool.query(`
    create table users (id int primary key, tenant_id text not null, email text not null);
    insert into users select n, case n % 2 when 1 then 'acme' else 'globex' end, n || '@bench.test'
      from generate_series(1, ${users}) n;
    create role ${limitedRole};
    grant select on users to ${limitedRole}`)
  const { enable } = rowSecurityStatements(defineTenantSchema({ users: owner('tenant_id') }))
  for (const statement of enable) await pool.query(statement)
  await pool.query('vacuum analyze users')
  await pool.end()
  return url
}

/** Another user of acme's for each call: nothing can remember the reply. */
export function userOf(call: number): number {
  return ((call * 2) % users) + 1
}
