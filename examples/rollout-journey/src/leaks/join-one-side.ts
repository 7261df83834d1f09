import { type Handler, ok } from '../service/handler.ts'
import type { RouteLeak } from './leak.ts'

export const limit = 60

/** The alerts are the tenant's, but an address can have an account with several tenants. */
export const joinOneSide: RouteLeak = {
  kind: 'join-one-side',
  model: 'User',
  severity: 'CRITICAL',
  violation: 'missing_relation_filter',
  method: 'GET',
  path: '/api/admin/alerts/people',
}

/** What mends it. */
export const mendedJoinOneSide: Handler = async ({ kysely }, { tenantKey, query }) =>
  ok(
    await kysely
      .selectFrom('security_alerts as alert')
      .innerJoin('users as person', (join) =>
        join
          .onRef('person.email', '=', 'alert.email')
          .onRef('person.tenant_id', '=', 'alert.tenant_id'),
      )
      .select(['alert.id as alertId', 'person.id as id', 'person.name as name'])
      .where('alert.tenant_id', '=', tenantKey)
      .where('alert.email', '=', query['email'] ?? '')
      .orderBy('alert.id')
      .orderBy('person.id')
      .limit(limit)
      .execute(),
  )
