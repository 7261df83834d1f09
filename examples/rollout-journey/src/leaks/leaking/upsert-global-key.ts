import { type Handler, ok, text } from '../../service/handler.ts'

/** As it was found. */
export const leakingUpsertGlobalKey: Handler = async ({ kysely }, { tenantKey, params, body }) => {
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
}
