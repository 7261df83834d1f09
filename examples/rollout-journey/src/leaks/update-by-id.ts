import { type Handler, notFound, ok, whole } from '../service/handler.ts'
import type { RouteLeak } from './leak.ts'

/** The id came from the client, and ids are easy to guess. */
export const updateById: RouteLeak = {
  kind: 'update-by-id',
  model: 'MfaBackupCode',
  severity: 'CRITICAL',
  violation: 'missing_tenant_id',
  method: 'POST',
  path: '/api/secure/mfa/:id/revoke',
}

/** What mends it. */
export const mendedUpdateById: Handler = async ({ kysely }, { tenantKey, params }) => {
  const id = whole(params['id'])
  const { numUpdatedRows } = await kysely
    .updateTable('mfa_backup_codes')
    .set({ used: true })
    .where('tenant_id', '=', tenantKey)
    .where('id', '=', id)
    .executeTakeFirst()
  return numUpdatedRows === 0n ? notFound : ok({ id, used: true })
}
