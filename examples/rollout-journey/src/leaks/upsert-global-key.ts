import { ok, text } from '../service/handler.ts'
import type { LeakingRoute } from './leak.ts'

/** The vendor numbers its alerts for all customers together; the second tenant hits the first's. */
export const upsertGlobalKey: LeakingRoute = {
  kind: 'upsert-global-key',
  model: 'SecurityAlert',
  severity: 'HIGH',
  violation: 'missing_tenant_id',
  method: 'PUT',
  path: '/api/secure/alerts/:ref',
  leaking: async ({ kysely }, { tenantKey, params, body }) => {
    const alert = await kysely
      .insertInto('security_alerts')
      .values({
        id: text(body, 'id'),
        tenant_id: tenantKey,
        email: text(body, 'email'),
        kind: 'token_reuse',
        status: 'open',
        source_ref: params['ref'] ?? '',
        seen_count: 1,
      })
      .onConflict((conflict) => conflict.column('source_ref').doUpdateSet({ status: 'open' }))
      .returning('id')
      .executeTakeFirstOrThrow()
    return ok({ id: alert.id })
  },
  mended: async ({ kysely }, { tenantKey, params, body }) => {
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
  },
}
