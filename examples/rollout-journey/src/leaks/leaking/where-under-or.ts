import { type Handler, ok } from '../../service/handler.ts'
import { limit } from '../where-under-or.ts'

/** As it was found. */
export const leakingWhereUnderOr: Handler = async ({ kysely }, { tenantKey, query }) =>
  ok(
    await kysely
      .selectFrom('users')
      .select(['id', 'email', 'name'])
      .where((eb) =>
        eb.or([
          eb.and([eb('tenant_id', '=', tenantKey), eb('name', '=', query['name'] ?? '')]),
          eb('email', '=', query['email'] ?? ''),
        ]),
      )
      .orderBy('id')
      .limit(limit)
      .execute(),
  )
