import { runWithTenant } from '@partywall/context'
import { tenantKey } from '../data/tenants.ts'
import type { Job } from '../leaks/leak.ts'

/** Jobs that always knew whom they work for. */
export const jobs: Readonly<Record<string, Job>> = {
  'session-digest': ({ kysely }, { tenantId, argument }) =>
    runWithTenant({ tenantId, env: 'prod' }, async () => {
      const { sessions } = await kysely
        .selectFrom('refresh_tokens')
        .select((eb) => eb.fn.countAll<string>().as('sessions'))
        .where('tenant_id', '=', tenantKey(tenantId))
        .where('user_id', '=', argument)
        .executeTakeFirstOrThrow()
      return { sessions: Number(sessions) }
    }),
}
