import { type Handler, ok, text } from '../service/handler.ts'
import type { RouteLeak } from './leak.ts'

/** The vendor numbers its alerts for all customers together; the second tenant hits the first's. */
export const upsertGlobalKey: RouteLeak = {
  kind: 'upsert-global-key',
  model: 'SecurityAlert',
  severity: 'HIGH',
  violation: 'missing_tenant_id',
  method: 'PUT',
  path: '/api/secure/alerts/:ref',
}

/** What mends it. */
export const mendedUpsertGlobalKey: Handler = async ({ kysely }, { tenantKey, params, body }) => {
  await kysely
    .insertInto('security_alerts')
    .values({
      id: text(body, 'id'),
      tenant_id: tenantKey,
      email: text(body, 'email'),
      kind: 'token_reuse',
      status: 'open',
      source_ref: `${tenantKey}:${params['ref'] ?? ''}`,
      seen_count: 1,
    })
    .onConflict((conflict) =>
      conflict.columns(['tenant_id', 'source_ref']).doUpdateSet({ status: 'open' }),
    )
    .execute()
  return ok({ id: text(body, 'id') })
}
