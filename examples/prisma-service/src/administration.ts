import { notFound, ok, type Route, whole } from './handler.ts'

/** What a tenant's administrators look at. */
export const administrationRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/admin/users/:id',
    handler: async (prisma, { tenantKey, params: { id = '' } }) => {
      const person = await prisma.user.findFirst({
        select: { id: true, email: true, name: true, status: true },
        where: { tenantId: tenantKey, id },
      })
      return person === null ? notFound : ok(person)
    },
  },
  {
    // The relation has the tenant in its key: it says by itself whose rows it means.
    method: 'GET',
    path: '/api/admin/roles/:id/permissions',
    handler: async (prisma, { tenantKey, params }) => {
      const role = await prisma.role.findUnique({
        where: { tenantId_id: { tenantId: tenantKey, id: whole(params['id']) } },
        include: { permissions: { orderBy: { id: 'asc' } } },
      })
      if (role === null) return ok([])
      return ok(role.permissions.map(({ id, permission }) => ({ id, role: role.name, permission })))
    },
  },
  {
    method: 'GET',
    path: '/api/admin/alerts',
    handler: async (prisma, { tenantKey, query: { kind = '' } }) =>
      ok(
        await prisma.securityAlert.findMany({
          select: { id: true, email: true, kind: true },
          where: { tenantId: tenantKey, kind, status: 'closed' },
          orderBy: { id: 'asc' },
          take: 25,
        }),
      ),
  },
  {
    method: 'GET',
    path: '/api/reports/alerts',
    handler: async (prisma, { tenantKey }) => {
      const kinds = await prisma.securityAlert.groupBy({
        by: ['kind'],
        where: { tenantId: tenantKey, status: 'closed' },
        _count: true,
        _sum: { seenCount: true },
        orderBy: { kind: 'asc' },
      })
      return ok(
        kinds.map(({ kind, _count, _sum }) => ({ kind, alerts: _count, seen: _sum.seenCount })),
      )
    },
  },
]
