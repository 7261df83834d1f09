import { type Handler, ok, type Planted, whole } from '../handler.ts'

const pageSize = 20

/** The list was written when the service had one customer. */
export const forgottenWhere: Planted<Handler> = {
  leaking: async (prisma, { query }) =>
    ok(
      await prisma.user.findMany({
        select: { id: true, email: true, name: true },
        orderBy: { id: 'asc' },
        take: pageSize,
        skip: whole(query['page']) * pageSize,
      }),
    ),
  mended: async (prisma, { tenantKey, query }) =>
    ok(
      await prisma.user.findMany({
        select: { id: true, email: true, name: true },
        where: { tenantId: tenantKey },
        orderBy: { id: 'asc' },
        take: pageSize,
        skip: whole(query['page']) * pageSize,
      }),
    ),
}
