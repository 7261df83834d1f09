import type { LeakKind } from '../../rollout-journey/src/leaks/leak.ts'
import type { Handler, Job, Planted } from './handler.ts'
import { adminQueryTenant } from './leaks/admin-query-tenant.ts'
import { backgroundJob } from './leaks/background-job.ts'
import { countWithoutTenant } from './leaks/count-without-tenant.ts'
import { deleteThroughSubquery } from './leaks/delete-through-subquery.ts'
import { forgottenWhere } from './leaks/forgotten-where.ts'
import { inList } from './leaks/in-list.ts'
import { insertForeignTenant } from './leaks/insert-foreign-tenant.ts'
import { joinOneSide } from './leaks/join-one-side.ts'
import { rawSqlReport } from './leaks/raw-sql-report.ts'
import { relationWithoutTenant } from './leaks/relation-without-tenant.ts'
import { updateById } from './leaks/update-by-id.ts'
import { upsertGlobalKey } from './leaks/upsert-global-key.ts'
import { whereUnderOr } from './leaks/where-under-or.ts'

/** The leaks at endpoints, in both versions. */
export const plantedHandlers: Readonly<
  Record<Exclude<LeakKind, 'background-job'>, Planted<Handler>>
> = {
  'forgotten-where': forgottenWhere,
  'where-under-or': whereUnderOr,
  'join-one-side': joinOneSide,
  'raw-sql-report': rawSqlReport,
  'count-without-tenant': countWithoutTenant,
  'update-by-id': updateById,
  'delete-through-subquery': deleteThroughSubquery,
  'insert-foreign-tenant': insertForeignTenant,
  'in-list': inList,
  'relation-without-tenant': relationWithoutTenant,
  'admin-query-tenant': adminQueryTenant,
  'upsert-global-key': upsertGlobalKey,
}

/** The leaks in jobs, in both versions. */
export const plantedJobs: Readonly<Record<string, Planted<Job>>> = {
  'purge-reset-tokens': backgroundJob,
}
