import { type Handler, ok } from '../../service/handler.ts'

/** As it was found. */
export const leakingRelationWithoutTenant: Handler = async ({ kysely }, { tenantKey, params }) =>
  ok(
    await kysely
      .selectFrom('users as person')
      .leftJoin('user_roles as grant', 'grant.subject', 'person.email')
      .select(['person.email as email', 'grant.id as id', 'grant.role_id as roleId'])
      .where('person.tenant_id', '=', tenantKey)
      .where('person.id', '=', params['id'] ?? '')
      .orderBy('grant.id')
      .execute(),
  )
