import { type Handler, ok, whole } from '../../service/handler.ts'
import { limit, permissionsOf } from '../in-list.ts'

/** As it was found. */
export const leakingInList: Handler = async ({ kysely }, { tenantKey, params }) => {
  const names = await permissionsOf(kysely, tenantKey, whole(params['id']))
  if (names.length === 0) return ok([])
  return ok(
    await kysely
      .selectFrom('role_permissions')
      .select(['id', 'role_id', 'permission'])
      .where('permission', 'in', names)
      .orderBy('id')
      .limit(limit)
      .execute(),
  )
}
