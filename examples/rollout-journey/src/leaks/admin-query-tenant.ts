import type { Kysely } from 'kysely'
import type { Tables } from '../service/database.ts'
import { ok, type Reply, whole } from '../service/handler.ts'
import type { LeakingRoute } from './leak.ts'

/** The support screen takes the tenant from the address bar. */
export const adminQueryTenant: LeakingRoute = {
  kind: 'admin-query-tenant',
  model: 'Role',
  severity: 'HIGH',
  violation: 'missing_tenant_id',
  method: 'GET',
  path: '/api/admin/roles',
  leaking: ({ kysely }, { tenantKey, query }) =>
    rolesOf(kysely, query['org'] === undefined ? tenantKey : whole(query['org'])),
  mended: ({ kysely }, { tenantKey }) => rolesOf(kysely, tenantKey),
}

async function rolesOf(kysely: Kysely<Tables>, tenantKey: number): Promise<Reply> {
  return ok(
    await kysely
      .selectFrom('roles')
      .select(['id', 'name', 'description'])
      .where('tenant_id', '=', tenantKey)
      .orderBy('id')
      .execute(),
  )
}
