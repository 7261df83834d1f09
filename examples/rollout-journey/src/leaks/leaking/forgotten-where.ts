import { type Handler, ok, whole } from '../../service/handler.ts'
import { pageSize } from '../forgotten-where.ts'

/** As it was found. */
export const leakingForgottenWhere: Handler = async ({ kysely }, { query }) =>
  ok(
    await kysely
      .selectFrom('users')
      .select(['id', 'email', 'name'])
      .orderBy('id')
      .limit(pageSize)
      .offset(whole(query['page']) * pageSize)
      .execute(),
  )
