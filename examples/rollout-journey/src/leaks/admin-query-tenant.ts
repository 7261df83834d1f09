import type { Kysely } from 'kysely'
import type { Tables } from '../service/database.ts'
import { type Handler, ok, type Reply } from '../service/handler.ts'
import type { RouteLeak } from './leak.ts'

/** The support screen takes the tenant from the address bar. */
export const adminQueryTenant: RouteLeak = {
  kind: 'admin-query-tenant',
  model: 'Role',
  severity: 'HIGH',
  violation: 'missing_tenant_id',
  method: 'GET',
  path: '/api/admin/roles',
}

/** What mends it. */
export const mendedAdminQueryTenant: Handler = ({ kysely }, { tenantKey }) =>
  rolesOf(kysely, tenantKey)

export async function rolesOf(kysely: Kysely<Tables>, tenantKey: number): Promise<Reply> {
  return ok(
    await kysely
      .selectFrom('roles')
      .select(['id', 'name', 'description'])
      .where('tenant_id', '=', tenantKey)
      .orderBy('id')
      .execute(),
  )
}
