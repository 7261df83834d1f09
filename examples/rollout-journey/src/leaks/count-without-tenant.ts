import { type Handler, ok } from '../service/handler.ts'
import type { RouteLeak } from './leak.ts'

/** "It is only a number": a number about everybody. */
export const countWithoutTenant: RouteLeak = {
  kind: 'count-without-tenant',
  model: 'RefreshToken',
  severity: 'CRITICAL',
  violation: 'missing_tenant_id',
  method: 'GET',
  path: '/api/secure/sessions/count',
}

/** What mends it. */
export const mendedCountWithoutTenant: Handler = async ({ kysely }, { tenantKey, query }) => {
  const { sessions } = await kysely
    .selectFrom('refresh_tokens')
    .select((eb) => eb.fn.countAll<string>().as('sessions'))
    .where('tenant_id', '=', tenantKey)
    .where('device', '=', query['device'] ?? '')
    .executeTakeFirstOrThrow()
  return ok({ sessions: Number(sessions) })
}
