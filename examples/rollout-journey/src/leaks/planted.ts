import { adminQueryTenant } from './admin-query-tenant.ts'
import { backgroundJob } from './background-job.ts'
import { countWithoutTenant } from './count-without-tenant.ts'
import { deleteThroughSubquery } from './delete-through-subquery.ts'
import { forgottenWhere } from './forgotten-where.ts'
import { inList } from './in-list.ts'
import { insertForeignTenant } from './insert-foreign-tenant.ts'
import { joinOneSide } from './join-one-side.ts'
import type { Leak, OpenRelation } from './leak.ts'
import { rawSqlReport } from './raw-sql-report.ts'
import { relationWithoutTenant } from './relation-without-tenant.ts'
import { updateById } from './update-by-id.ts'
import { upsertGlobalKey } from './upsert-global-key.ts'
import { whereUnderOr } from './where-under-or.ts'

/** Every leak that is planted in the service. */
export const plantedLeaks: readonly Leak[] = [
  forgottenWhere,
  whereUnderOr,
  joinOneSide,
  rawSqlReport,
  countWithoutTenant,
  updateById,
  deleteThroughSubquery,
  insertForeignTenant,
  inList,
  relationWithoutTenant,
  adminQueryTenant,
  upsertGlobalKey,
  backgroundJob,
]

/** The endpoint or job name under which a leak is reported. */
export function endpointOf(leak: Leak): string {
  return 'job' in leak ? leak.job : leak.path
}

/** Every relation that the leaking version leaves open: a violation each, time after time. */
export function openRelationsOf(leak: Leak): readonly OpenRelation[] {
  return [{ model: leak.model, violation: leak.violation }, ...(leak.beside ?? [])]
}
