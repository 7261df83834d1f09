import { adminQueryTenant, mendedAdminQueryTenant } from '../leaks/admin-query-tenant.ts'
import { backgroundJob, mendedBackgroundJob } from '../leaks/background-job.ts'
import { countWithoutTenant, mendedCountWithoutTenant } from '../leaks/count-without-tenant.ts'
import {
  deleteThroughSubquery,
  mendedDeleteThroughSubquery,
} from '../leaks/delete-through-subquery.ts'
import { forgottenWhere, mendedForgottenWhere } from '../leaks/forgotten-where.ts'
import { inList, mendedInList } from '../leaks/in-list.ts'
import { insertForeignTenant, mendedInsertForeignTenant } from '../leaks/insert-foreign-tenant.ts'
import { joinOneSide, mendedJoinOneSide } from '../leaks/join-one-side.ts'
import { leakingAdminQueryTenant } from '../leaks/leaking/admin-query-tenant.ts'
import { leakingBackgroundJob } from '../leaks/leaking/background-job.ts'
import { leakingCountWithoutTenant } from '../leaks/leaking/count-without-tenant.ts'
import { leakingDeleteThroughSubquery } from '../leaks/leaking/delete-through-subquery.ts'
import { leakingForgottenWhere } from '../leaks/leaking/forgotten-where.ts'
import { leakingInList } from '../leaks/leaking/in-list.ts'
import { leakingInsertForeignTenant } from '../leaks/leaking/insert-foreign-tenant.ts'
import { leakingJoinOneSide } from '../leaks/leaking/join-one-side.ts'
import { leakingRawSqlReport } from '../leaks/leaking/raw-sql-report.ts'
import { leakingRelationWithoutTenant } from '../leaks/leaking/relation-without-tenant.ts'
import { leakingUpdateById } from '../leaks/leaking/update-by-id.ts'
import { leakingUpsertGlobalKey } from '../leaks/leaking/upsert-global-key.ts'
import { leakingWhereUnderOr } from '../leaks/leaking/where-under-or.ts'
import { mendedRawSqlReport, rawSqlReport } from '../leaks/raw-sql-report.ts'
import {
  mendedRelationWithoutTenant,
  relationWithoutTenant,
} from '../leaks/relation-without-tenant.ts'
import { mendedUpdateById, updateById } from '../leaks/update-by-id.ts'
import { mendedUpsertGlobalKey, upsertGlobalKey } from '../leaks/upsert-global-key.ts'
import { mendedWhereUnderOr, whereUnderOr } from '../leaks/where-under-or.ts'
import { leaking } from './release.ts'
import { startRelease } from './start-release.ts'

/** Release 1: as it was found: every leak is live. */
await startRelease({
  name: '1',
  always: false,
  leaks: [
    leaking(forgottenWhere, leakingForgottenWhere, mendedForgottenWhere),
    leaking(whereUnderOr, leakingWhereUnderOr, mendedWhereUnderOr),
    leaking(joinOneSide, leakingJoinOneSide, mendedJoinOneSide),
    leaking(rawSqlReport, leakingRawSqlReport, mendedRawSqlReport),
    leaking(countWithoutTenant, leakingCountWithoutTenant, mendedCountWithoutTenant),
    leaking(updateById, leakingUpdateById, mendedUpdateById),
    leaking(deleteThroughSubquery, leakingDeleteThroughSubquery, mendedDeleteThroughSubquery),
    leaking(insertForeignTenant, leakingInsertForeignTenant, mendedInsertForeignTenant),
    leaking(inList, leakingInList, mendedInList),
    leaking(relationWithoutTenant, leakingRelationWithoutTenant, mendedRelationWithoutTenant),
    leaking(adminQueryTenant, leakingAdminQueryTenant, mendedAdminQueryTenant),
    leaking(upsertGlobalKey, leakingUpsertGlobalKey, mendedUpsertGlobalKey),
    leaking(backgroundJob, leakingBackgroundJob, mendedBackgroundJob),
  ],
})
