import { ok } from '../service/handler.ts'
import type { LeakingRoute } from './leak.ts'

/** A report in hand-written SQL, past the query builder and whatever it would have added. */
export const rawSqlReport: LeakingRoute = {
  kind: 'raw-sql-report',
  model: 'AuditLog',
  severity: 'CRITICAL',
  violation: 'missing_tenant_id',
  method: 'GET',
  path: '/api/reports/activity',
  leaking: async ({ pg }, { query }) => {
    const { rows } = await pg.query(
      `select action, count(*)::int as entries
         from audit_logs
        where at >= $1 and at < $2
        group by action
        order by action`,
      [query['from'], query['until']],
    )
    return ok(rows)
  },
  mended: async ({ pg }, { tenantKey, query }) => {
    const { rows } = await pg.query(
      `select action, count(*)::int as entries
         from audit_logs
        where tenant_id = $3 and at >= $1 and at < $2
        group by action
        order by action`,
      [query['from'], query['until'], tenantKey],
    )
    return ok(rows)
  },
}
