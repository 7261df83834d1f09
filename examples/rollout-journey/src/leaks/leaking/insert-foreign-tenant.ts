import type { Handler } from '../../service/handler.ts'
import { insert } from '../insert-foreign-tenant.ts'

/** As it was found. */
export const leakingInsertForeignTenant: Handler = ({ pg }, call) =>
  insert(pg, call, Number(call.body['org']))
