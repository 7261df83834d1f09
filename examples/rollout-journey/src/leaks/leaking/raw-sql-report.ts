import { type Handler, ok } from '../../service/handler.ts'

/** As it was found. */
export const leakingRawSqlReport: Handler = async ({ pg }, { query }) => {
  const { rows } = await pg.query(
    `select action, count(*)::int as entries
       from audit_logs
      where at >= $1 and at < $2
      group by action
      order by action`,
    [query['from'], query['until']],
  )
  return ok(rows)
}
