import { type Handler, ok } from '../service/handler.ts'
import type { RouteLeak } from './leak.ts'

export const limit = 40

/** A second search field was added with `or`, which opens the tenant's condition too. */
export const whereUnderOr: RouteLeak = {
  kind: 'where-under-or',
  model: 'User',
  severity: 'CRITICAL',
  violation: 'missing_tenant_id',
  method: 'GET',
  path: '/api/admin/users/search',
}

/** What mends it. */
export const mendedWhereUnderOr: Handler = async ({ kysely }, { tenantKey, query }) =>
  ok(
    await kysely
      .selectFrom('users')
      .select(['id', 'email', 'name'])
      .where('tenant_id', '=', tenantKey)
      .where((eb) =>
        eb.or([eb('name', '=', query['name'] ?? ''), eb('email', '=', query['email'] ?? '')]),
      )
      .orderBy('id')
      .limit(limit)
      .execute(),
  )
