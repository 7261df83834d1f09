import { notFound, ok, whole } from '../service/handler.ts'
import type { LeakingRoute } from './leak.ts'

/** The id came from the client, and ids are easy to guess. */
export const updateById: LeakingRoute = {
  kind: 'update-by-id',
  model: 'MfaBackupCode',
  severity: 'CRITICAL',
  violation: 'missing_tenant_id',
  method: 'POST',
  path: '/api/secure/mfa/:id/revoke',
  leaking: async ({ kysely }, { params }) => {
    const id = whole(params['id'])
    const { numUpdatedRows } = await kysely
      .updateTable('mfa_backup_codes')
      .set({ used: true })
      .where('id', '=', id)
      .executeTakeFirst()
    return numUpdatedRows === 0n ? notFound : ok({ id, used: true })
  },
  mended: async ({ kysely }, { tenantKey, params }) => {
    const id = whole(params['id'])
    const { numUpdatedRows } = await kysely
      .updateTable('mfa_backup_codes')
      .set({ used: true })
      .where('tenant_id', '=', tenantKey)
      .where('id', '=', id)
      .executeTakeFirst()
    return numUpdatedRows === 0n ? notFound : ok({ id, used: true })
  },
}
