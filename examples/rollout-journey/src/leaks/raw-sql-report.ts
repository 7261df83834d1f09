import { type Handler, ok } from '../service/handler.ts'
import type { RouteLeak } from './leak.ts'

/** A report in hand-written SQL, past the query builder and whatever it would have added. */
export const rawSqlReport: RouteLeak = {
  kind: 'raw-sql-report',
  model: 'AuditLog',
  severity: 'CRITICAL',
  violation: 'missing_tenant_id',
  method: 'GET',
  path: '/api/reports/activity',
}

/** What mends it. */
export const mendedRawSqlReport: Handler = async ({ pg }, { tenantKey, query }) => {
  const { rows } = await pg.query(
    `select action, count(*)::int as entries
       from audit_logs
      where tenant_id = $3 and at >= $1 and at < $2
      group by action
      order by action`,
    [query['from'], query['until'], tenantKey],
  )
  return ok(rows)
}
