import { type Handler, ok, text } from '../../service/handler.ts'

/** As it was found. */
export const leakingDeleteThroughSubquery: Handler = async ({ kysely }, { body }) => {
  const { numDeletedRows } = await kysely
    .deleteFrom('refresh_tokens')
    .where('user_id', 'in', (eb) =>
      eb.selectFrom('users').select('users.id').where('users.email', '=', text(body, 'email')),
    )
    .executeTakeFirst()
  return ok({ revoked: Number(numDeletedRows) })
}
