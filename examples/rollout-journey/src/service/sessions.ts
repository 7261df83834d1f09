import { audit } from './audit.ts'
import { notFound, ok, type Route, text } from './handler.ts'

export const sessionRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/secure/sessions',
    handler: async ({ kysely }, { tenantKey, userId }) =>
      ok(
        await kysely
          .selectFrom('refresh_tokens')
          .select(['id', 'device', 'issued_at as issuedAt'])
          .where('tenant_id', '=', tenantKey)
          .where('user_id', '=', userId)
          .orderBy('id')
          .execute(),
      ),
  },
  {
    method: 'POST',
    path: '/api/secure/sessions',
    handler: ({ kysely }, call) =>
      kysely.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('refresh_tokens')
          .values({
            id: text(call.body, 'id'),
            tenant_id: call.tenantKey,
            user_id: call.userId,
            device: text(call.body, 'device'),
            token_hash: text(call.body, 'tokenHash'),
            issued_at: call.now,
          })
          .execute()
        await audit(transaction, call, { action: 'session.open', subject: text(call.body, 'id') })
        return { status: 201, body: { id: text(call.body, 'id') } }
      }),
  },
  {
    method: 'DELETE',
    path: '/api/secure/sessions/:id',
    handler: ({ kysely }, call) =>
      kysely.transaction().execute(async (transaction) => {
        const { numDeletedRows } = await transaction
          .deleteFrom('refresh_tokens')
          .where('tenant_id', '=', call.tenantKey)
          .where('user_id', '=', call.userId)
          .where('id', '=', call.params['id'] ?? '')
          .executeTakeFirst()
        if (numDeletedRows === 0n) return notFound
        await audit(transaction, call, {
          action: 'session.close',
          subject: call.params['id'] ?? '',
        })
        return ok({ closed: Number(numDeletedRows) })
      }),
  },
]
