import { notFound, ok, type Route, text } from './handler.ts'

export const profileRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/me',
    handler: async ({ kysely }, { tenantKey, userId }) => {
      const person = await kysely
        .selectFrom('users')
        .select(['id', 'email', 'name', 'locale'])
        .where('tenant_id', '=', tenantKey)
        .where('id', '=', userId)
        .executeTakeFirst()
      return person === undefined ? notFound : ok(person)
    },
  },
  {
    method: 'PATCH',
    path: '/api/me',
    handler: async ({ kysely }, { tenantKey, userId, body }) => {
      const person = await kysely
        .updateTable('users')
        .set({ locale: text(body, 'locale') })
        .where('tenant_id', '=', tenantKey)
        .where('id', '=', userId)
        .returning(['id', 'locale'])
        .executeTakeFirst()
      return person === undefined ? notFound : ok(person)
    },
  },
]
