import { type Handler, ok, text } from '../service/handler.ts'
import type { RouteLeak } from './leak.ts'

/** Somebody leaves one tenant, and loses the sessions of every tenant with that address. */
export const deleteThroughSubquery: RouteLeak = {
  kind: 'delete-through-subquery',
  model: 'RefreshToken',
  severity: 'CRITICAL',
  violation: 'missing_tenant_id',
  // The subquery reads people of every tenant: one statement, two open relations.
  beside: [{ model: 'User', violation: 'missing_relation_filter' }],
  method: 'POST',
  path: '/api/admin/leavers',
}

/** What mends it. */
export const mendedDeleteThroughSubquery: Handler = async ({ kysely }, { tenantKey, body }) => {
  const { numDeletedRows } = await kysely
    .deleteFrom('refresh_tokens')
    .where('refresh_tokens.tenant_id', '=', tenantKey)
    .where('user_id', 'in', (eb) =>
      eb
        .selectFrom('users')
        .select('users.id')
        .where('users.tenant_id', '=', tenantKey)
        .where('users.email', '=', text(body, 'email')),
    )
    .executeTakeFirst()
  return ok({ revoked: Number(numDeletedRows) })
}
