import { runAsSystem } from '@partywall/context'
import type { Job } from '../leaks/leak.ts'
import type { Database } from './database.ts'

/** The one job that is allowed to look at every tenant: documented, with a name to ask. */
export const retentionReport = {
  name: 'retention-report',
  actor: 'retention',
  reason: 'monthly_report',
  models: ['AuditLog'],
} as const

/** Jobs that look past the tenants. Only the first of them is documented. */
export const systemJobs: Readonly<Record<string, Job>> = {
  [retentionReport.name]: (database) =>
    runAsSystem({ actor: retentionReport.actor, reason: retentionReport.reason }, () =>
      countEntries(database),
    ),
  'curious-report': (database) =>
    runAsSystem({ actor: 'somebody', reason: 'curiosity' }, () => countEntries(database)),
}

async function countEntries({ kysely }: Database): Promise<{ tenants: number }> {
  const rows = await kysely
    .selectFrom('audit_logs')
    .select((eb) => ['tenant_id', eb.fn.countAll<string>().as('entries')])
    .groupBy('tenant_id')
    .execute()
  return { tenants: rows.length }
}
