import type { Kysely } from 'kysely'
import type { Tables } from '../service/database.ts'
import { type Handler, ok, whole } from '../service/handler.ts'
import type { RouteLeak } from './leak.ts'

export const limit = 200

/** The list is the tenant's own, and other tenants have the same names in theirs. */
export const inList: RouteLeak = {
  kind: 'in-list',
  model: 'RolePermission',
  severity: 'MEDIUM',
  violation: 'missing_tenant_id',
  method: 'GET',
  path: '/api/admin/roles/:id/similar',
}

/** What mends it. */
export const mendedInList: Handler = async ({ kysely }, { tenantKey, params }) => {
  const names = await permissionsOf(kysely, tenantKey, whole(params['id']))
  if (names.length === 0) return ok([])
  return ok(
    await kysely
      .selectFrom('role_permissions')
      .select(['id', 'role_id', 'permission'])
      .where('tenant_id', '=', tenantKey)
      .where('permission', 'in', names)
      .orderBy('id')
      .limit(limit)
      .execute(),
  )
}

export async function permissionsOf(
  kysely: Kysely<Tables>,
  tenantKey: number,
  roleId: number,
): Promise<string[]> {
  const rows = await kysely
    .selectFrom('role_permissions')
    .select('permission')
    .where('tenant_id', '=', tenantKey)
    .where('role_id', '=', roleId)
    .execute()
  return rows.map((row) => row.permission)
}
