import { runWithTenant } from '@partywall/context'
import { tenantKey } from '../data/tenants.ts'
import type { Job, JobLeak } from './leak.ts'

/** The job knows whom it works for, and neither tells anybody nor asks. */
export const backgroundJob: JobLeak = {
  kind: 'background-job',
  model: 'PasswordResetToken',
  severity: 'CRITICAL',
  violation: 'missing_tenant_id',
  job: 'purge-reset-tokens',
}

/** What mends it. */
export const mendedBackgroundJob: Job = ({ kysely }, { tenantId, argument }) =>
  runWithTenant({ tenantId, env: 'prod' }, async () => {
    const { numDeletedRows } = await kysely
      .deleteFrom('password_reset_tokens')
      .where('tenant_id', '=', tenantKey(tenantId))
      .where('used', '=', true)
      .where('batch', '=', argument)
      .executeTakeFirst()
    return { purged: Number(numDeletedRows) }
  })
