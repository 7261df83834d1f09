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
import { leakingCountWithoutTenant } from '../leaks/leaking/count-without-tenant.ts'
import { leakingInList } from '../leaks/leaking/in-list.ts'
import { leakingInsertForeignTenant } from '../leaks/leaking/insert-foreign-tenant.ts'
import { leakingRelationWithoutTenant } from '../leaks/leaking/relation-without-tenant.ts'
import { leakingUpsertGlobalKey } from '../leaks/leaking/upsert-global-key.ts'
import { mendedRawSqlReport, rawSqlReport } from '../leaks/raw-sql-report.ts'
import {
  mendedRelationWithoutTenant,
  relationWithoutTenant,
} from '../leaks/relation-without-tenant.ts'
import { mendedUpdateById, updateById } from '../leaks/update-by-id.ts'
import { mendedUpsertGlobalKey, upsertGlobalKey } from '../leaks/upsert-global-key.ts'
import { mendedWhereUnderOr, whereUnderOr } from '../leaks/where-under-or.ts'
import { leaking, legacy, mended } from './release.ts'
import { startRelease } from './start-release.ts'

/** Release 2b: release 2, with one CRITICAL leak brought back. */
await startRelease({
  name: '2b',
  always: false,
  leaks: [
    mended(forgottenWhere, mendedForgottenWhere),
    mended(whereUnderOr, mendedWhereUnderOr),
    mended(joinOneSide, mendedJoinOneSide),
    mended(rawSqlReport, mendedRawSqlReport),
    leaking(countWithoutTenant, leakingCountWithoutTenant, mendedCountWithoutTenant),
    mended(updateById, mendedUpdateById),
    mended(deleteThroughSubquery, mendedDeleteThroughSubquery),
    legacy(insertForeignTenant, leakingInsertForeignTenant, mendedInsertForeignTenant),
    legacy(inList, leakingInList, mendedInList),
    legacy(relationWithoutTenant, leakingRelationWithoutTenant, mendedRelationWithoutTenant),
    legacy(adminQueryTenant, leakingAdminQueryTenant, mendedAdminQueryTenant),
    legacy(upsertGlobalKey, leakingUpsertGlobalKey, mendedUpsertGlobalKey),
    mended(backgroundJob, mendedBackgroundJob),
  ],
})
