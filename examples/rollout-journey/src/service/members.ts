import { createRegistry, memory, type Registry } from '@partywall/registry'
import type pg from 'pg'
import { tenants } from '../data/tenants.ts'
import { tokenIssuer } from './caller.ts'

/** Which tenants there are, and who may act for them: the operators of each. */
export async function memberRegistry(pool: pg.Pool): Promise<Registry> {
  const { rows } = await pool.query<{ id: string; tenant_id: number }>(
    `select id, tenant_id from users where status = 'operator'`,
  )
  return createRegistry(
    memory(
      tenants.map(({ id, key }) => ({
        tenantId: id,
        name: id,
        status: 'active',
        members: rows
          .filter((row) => row.tenant_id === key)
          .map((row) => ({ issuer: tokenIssuer, subject: row.id, role: 'admin' })),
      })),
    ),
  )
}
