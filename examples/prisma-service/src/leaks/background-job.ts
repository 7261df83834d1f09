import { runWithTenant } from '@partywall/context'
import { tenantKey } from '../../../rollout-journey/src/data/tenants.ts'
import type { Job, Planted } from '../handler.ts'

/** The job knows whom it works for, and neither tells anybody nor asks. */
export const backgroundJob: Planted<Job> = {
  leaking: async (prisma, { argument }) => {
    const { count } = await prisma.passwordResetToken.deleteMany({
      where: { used: true, batch: argument },
    })
    return { purged: count }
  },
  mended: (prisma, { tenantId, argument }) =>
    runWithTenant({ tenantId, env: 'prod' }, async () => {
      const { count } = await prisma.passwordResetToken.deleteMany({
        where: { tenantId: tenantKey(tenantId), used: true, batch: argument },
      })
      return { purged: count }
    }),
}
