import { runAsSystem, runWithTenant } from '@partywall/context'
import { tenantKey } from '../../rollout-journey/src/data/tenants.ts'
import type { Job } from './handler.ts'

/** Jobs that always knew whom they work for, and one that works for the system. */
export const jobs: Readonly<Record<string, Job>> = {
  // Prisma begins a call when it is awaited: that is inside, because the function is async.
  'session-digest': (prisma, { tenantId, argument }) =>
    runWithTenant({ tenantId, env: 'prod' }, async () => ({
      sessions: await prisma.refreshToken.count({
        where: { tenantId: tenantKey(tenantId), userId: argument },
      }),
    })),
  'retention-report': (prisma) =>
    runAsSystem({ actor: 'retention', reason: 'monthly_report' }, async () => {
      const tenants = await prisma.auditLog.groupBy({ by: ['tenantId'], _count: true })
      return { tenants: tenants.length }
    }),
}
