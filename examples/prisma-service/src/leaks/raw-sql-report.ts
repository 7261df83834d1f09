import { type Handler, ok, type Planted } from '../handler.ts'

/** A report in hand-written SQL, past the client and whatever it would have added. */
export const rawSqlReport: Planted<Handler> = {
  leaking: async (prisma, { query: { from, until } }) =>
    ok(
      await prisma.$queryRawUnsafe(
        `select action, count(*)::int as entries
           from audit_logs
          where at >= $1::timestamptz and at < $2::timestamptz
          group by action
          order by action`,
        from,
        until,
      ),
    ),
  mended: async (prisma, { tenantKey, query: { from, until } }) =>
    ok(
      await prisma.$queryRawUnsafe(
        `select action, count(*)::int as entries
           from audit_logs
          where tenant_id = $3 and at >= $1::timestamptz and at < $2::timestamptz
          group by action
          order by action`,
        from,
        until,
        tenantKey,
      ),
    ),
}
