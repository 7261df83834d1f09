import { type Handler, ok, whole } from '../service/handler.ts'
import type { RouteLeak } from './leak.ts'

export const pageSize = 20

/** The list was written when the service had one customer. */
export const forgottenWhere: RouteLeak = {
  kind: 'forgotten-where',
  model: 'User',
  severity: 'CRITICAL',
  violation: 'missing_tenant_id',
  method: 'GET',
  path: '/api/admin/users',
}

/** What mends it. */
export const mendedForgottenWhere: Handler = async ({ kysely }, { tenantKey, query }) =>
  ok(
    await kysely
      .selectFrom('users')
      .select(['id', 'email', 'name'])
      .where('tenant_id', '=', tenantKey)
      .orderBy('id')
      .limit(pageSize)
      .offset(whole(query['page']) * pageSize)
      .execute(),
  )
