import { ok, type Route } from './handler.ts'

export const reportRoutes: readonly Route[] = [
  {
    // Hand-written SQL with a common table expression: raw does not mean wrong.
    method: 'GET',
    path: '/api/reports/alerts',
    handler: async ({ pg }, { tenantKey }) => {
      const { rows } = await pg.query(
        `with closed as (
           select kind, seen_count
             from security_alerts
            where tenant_id = $1 and status = 'closed'
         )
         select kind, count(*)::int as alerts, sum(seen_count)::int as seen
           from closed
          group by kind
          order by kind`,
        [tenantKey],
      )
      return ok(rows)
    },
  },
]
