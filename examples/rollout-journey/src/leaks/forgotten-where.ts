import { ok, whole } from '../service/handler.ts'
import type { LeakingRoute } from './leak.ts'

const pageSize = 20

/** The list was written when the service had one customer. */
export const forgottenWhere: LeakingRoute = {
  kind: 'forgotten-where',
  model: 'User',
  severity: 'CRITICAL',
  violation: 'missing_tenant_id',
  method: 'GET',
  path: '/api/admin/users',
  leaking: async ({ kysely }, { query }) =>
    ok(
      await kysely
        .selectFrom('users')
        .select(['id', 'email', 'name'])
        .orderBy('id')
        .limit(pageSize)
        .offset(whole(query['page']) * pageSize)
        .execute(),
    ),
  mended: async ({ kysely }, { tenantKey, query }) =>
    ok(
      await kysely
        .selectFrom('users')
        .select(['id', 'email', 'name'])
        .where('tenant_id', '=', tenantKey)
        .orderBy('id')
        .limit(pageSize)
        .offset(whole(query['page']) * pageSize)
        .execute(),
    ),
}
