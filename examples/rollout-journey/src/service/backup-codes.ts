import { notFound, ok, type Route, whole } from './handler.ts'

export const backupCodeRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/secure/mfa',
    handler: async ({ kysely }, { tenantKey, userId }) => {
      const { unused } = await kysely
        .selectFrom('mfa_backup_codes')
        .select((eb) => eb.fn.countAll<string>().as('unused'))
        .where('tenant_id', '=', tenantKey)
        .where('user_id', '=', userId)
        .where('used', '=', false)
        .executeTakeFirstOrThrow()
      return ok({ unused: Number(unused) })
    },
  },
  {
    method: 'POST',
    path: '/api/secure/mfa/:id/use',
    handler: async ({ kysely }, { tenantKey, userId, params }) => {
      const { numUpdatedRows } = await kysely
        .updateTable('mfa_backup_codes')
        .set({ used: true })
        .where('tenant_id', '=', tenantKey)
        .where('user_id', '=', userId)
        .where('id', '=', whole(params['id']))
        .executeTakeFirst()
      return numUpdatedRows === 0n ? notFound : ok({ id: whole(params['id']) })
    },
  },
]
