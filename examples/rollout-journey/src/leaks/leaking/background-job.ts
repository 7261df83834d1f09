import type { Job } from '../leak.ts'

/** As it was found. */
export const leakingBackgroundJob: Job = async ({ kysely }, { argument }) => {
  const { numDeletedRows } = await kysely
    .deleteFrom('password_reset_tokens')
    .where('used', '=', true)
    .where('batch', '=', argument)
    .executeTakeFirst()
  return { purged: Number(numDeletedRows) }
}
