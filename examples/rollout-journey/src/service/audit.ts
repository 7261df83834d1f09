import type { Kysely } from 'kysely'
import type { Tables } from './database.ts'
import { type Call, ok, type Route } from './handler.ts'

/** Writes down what somebody did. */
export async function audit(
  kysely: Kysely<Tables>,
  { tenantKey, userId, now }: Call,
  entry: { readonly action: string; readonly subject: string },
): Promise<void> {
  await kysely
    .insertInto('audit_logs')
    .values({ tenant_id: tenantKey, actor_id: userId, ...entry, at: now })
    .execute()
}

export const auditRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/secure/audit',
    handler: async ({ kysely }, { tenantKey, userId }) =>
      ok(
        await kysely
          .selectFrom('audit_logs')
          .select(['action', 'subject', 'at'])
          .where('tenant_id', '=', tenantKey)
          .where('actor_id', '=', userId)
          .orderBy('id', 'desc')
          .limit(20)
          .execute(),
      ),
  },
]
