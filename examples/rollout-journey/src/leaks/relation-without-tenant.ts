import { type Handler, ok } from '../service/handler.ts'
import type { RouteLeak } from './leak.ts'

/** The person is the tenant's; the roles that are fetched with it are those of the address. */
export const relationWithoutTenant: RouteLeak = {
  kind: 'relation-without-tenant',
  model: 'UserRole',
  severity: 'HIGH',
  violation: 'missing_relation_filter',
  method: 'GET',
  path: '/api/admin/users/:id/access',
}

/** What mends it. */
export const mendedRelationWithoutTenant: Handler = async ({ kysely }, { tenantKey, params }) =>
  ok(
    await kysely
      .selectFrom('users as person')
      .leftJoin('user_roles as grant', (join) =>
        join
          .onRef('grant.subject', '=', 'person.email')
          .onRef('grant.tenant_id', '=', 'person.tenant_id'),
      )
      .select(['person.email as email', 'grant.id as id', 'grant.role_id as roleId'])
      .where('person.tenant_id', '=', tenantKey)
      .where('person.id', '=', params['id'] ?? '')
      .orderBy('grant.id')
      .execute(),
  )
