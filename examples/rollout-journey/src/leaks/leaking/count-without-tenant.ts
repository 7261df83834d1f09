import { type Handler, ok } from '../../service/handler.ts'

/** As it was found. */
export const leakingCountWithoutTenant: Handler = async ({ kysely }, { query }) => {
  const { sessions } = await kysely
    .selectFrom('refresh_tokens')
    .select((eb) => eb.fn.countAll<string>().as('sessions'))
    .where('device', '=', query['device'] ?? '')
    .executeTakeFirstOrThrow()
  return ok({ sessions: Number(sessions) })
}
