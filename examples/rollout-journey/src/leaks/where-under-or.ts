import { ok } from '../service/handler.ts'
import type { LeakingRoute } from './leak.ts'

const limit = 40

/** A second search field was added with `or`, which opens the tenant's condition too. */
export const whereUnderOr: LeakingRoute = {
  kind: 'where-under-or',
  model: 'User',
  severity: 'CRITICAL',
  violation: 'missing_tenant_id',
  method: 'GET',
  path: '/api/admin/users/search',
  leaking: async ({ kysely }, { tenantKey, query }) =>
    ok(
      await kysely
        .selectFrom('users')
        .select(['id', 'email', 'name'])
        .where((eb) =>
          eb.or([
            eb.and([eb('tenant_id', '=', tenantKey), eb('name', '=', query['name'] ?? '')]),
            eb('email', '=', query['email'] ?? ''),
          ]),
        )
        .orderBy('id')
        .limit(limit)
        .execute(),
    ),
  mended: async ({ kysely }, { tenantKey, query }) =>
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
    ),
}
