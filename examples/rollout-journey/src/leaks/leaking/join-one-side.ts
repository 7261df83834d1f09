import { type Handler, ok } from '../../service/handler.ts'
import { limit } from '../join-one-side.ts'

/** As it was found. */
export const leakingJoinOneSide: Handler = async ({ kysely }, { tenantKey, query }) =>
  ok(
    await kysely
      .selectFrom('security_alerts as alert')
      .innerJoin('users as person', 'person.email', 'alert.email')
      .select(['alert.id as alertId', 'person.id as id', 'person.name as name'])
      .where('alert.tenant_id', '=', tenantKey)
      .where('alert.email', '=', query['email'] ?? '')
      .orderBy('alert.id')
      .orderBy('person.id')
      .limit(limit)
      .execute(),
  )
