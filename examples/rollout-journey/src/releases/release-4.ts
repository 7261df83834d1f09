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
import { mendedRawSqlReport, rawSqlReport } from '../leaks/raw-sql-report.ts'
import {
  mendedRelationWithoutTenant,
  relationWithoutTenant,
} from '../leaks/relation-without-tenant.ts'
import { mendedUpdateById, updateById } from '../leaks/update-by-id.ts'
import { mendedUpsertGlobalKey, upsertGlobalKey } from '../leaks/upsert-global-key.ts'
import { mendedWhereUnderOr, whereUnderOr } from '../leaks/where-under-or.ts'
import { mended } from './release.ts'
import { startRelease } from './start-release.ts'

/** Release 4: release 3 with `always` in its code: no flag opens it any more. */
await startRelease({
  name: '4',
  always: true,
  leaks: [
    mended(forgottenWhere, mendedForgottenWhere),
    mended(whereUnderOr, mendedWhereUnderOr),
    mended(joinOneSide, mendedJoinOneSide),
    mended(rawSqlReport, mendedRawSqlReport),
    mended(countWithoutTenant, mendedCountWithoutTenant),
    mended(updateById, mendedUpdateById),
    mended(deleteThroughSubquery, mendedDeleteThroughSubquery),
    mended(insertForeignTenant, mendedInsertForeignTenant),
    mended(inList, mendedInList),
    mended(relationWithoutTenant, mendedRelationWithoutTenant),
    mended(adminQueryTenant, mendedAdminQueryTenant),
    mended(upsertGlobalKey, mendedUpsertGlobalKey),
    mended(backgroundJob, mendedBackgroundJob),
  ],
})
