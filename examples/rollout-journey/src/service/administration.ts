import { notFound, ok, type Route, whole } from './handler.ts'

export const administrationRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/admin/users/:id',
    handler: async ({ kysely }, { tenantKey, params }) => {
      const person = await kysely
        .selectFrom('users')
        .select(['id', 'email', 'name', 'status'])
        .where('tenant_id', '=', tenantKey)
        .where('id', '=', params['id'] ?? '')
        .executeTakeFirst()
      return person === undefined ? notFound : ok(person)
    },
  },
  {
    // Both sides of every join say whose rows they mean.
    method: 'GET',
    path: '/api/admin/roles/:id/permissions',
    handler: async ({ kysely }, { tenantKey, params }) =>
      ok(
        await kysely
          .selectFrom('roles as role')
          .innerJoin('role_permissions as granted', (join) =>
            join
              .onRef('granted.role_id', '=', 'role.id')
              .onRef('granted.tenant_id', '=', 'role.tenant_id'),
          )
          .select(['granted.id as id', 'role.name as role', 'granted.permission as permission'])
          .where('role.tenant_id', '=', tenantKey)
          .where('role.id', '=', whole(params['id']))
          .orderBy('granted.id')
          .execute(),
      ),
  },
  {
    method: 'GET',
    path: '/api/admin/alerts',
    handler: async ({ kysely }, { tenantKey, query }) =>
      ok(
        await kysely
          .selectFrom('security_alerts')
          .select(['id', 'email', 'kind'])
          .where('tenant_id', '=', tenantKey)
          .where('kind', '=', query['kind'] ?? '')
          .where('status', '=', 'closed')
          .orderBy('id')
          .limit(25)
          .execute(),
      ),
  },
]
