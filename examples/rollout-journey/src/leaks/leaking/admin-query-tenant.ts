import { type Handler, whole } from '../../service/handler.ts'
import { rolesOf } from '../admin-query-tenant.ts'

/** As it was found. */
export const leakingAdminQueryTenant: Handler = ({ kysely }, { tenantKey, query }) =>
  rolesOf(kysely, query['org'] === undefined ? tenantKey : whole(query['org']))
