import { type Handler, ok, type Planted } from '../handler.ts'

const limit = 40

/** A second search field was added with `OR`, which opens the tenant's condition too. */
export const whereUnderOr: Planted<Handler> = {
  leaking: async (prisma, { tenantKey, query: { name = '', email = '' } }) =>
    ok(
      await prisma.user.findMany({
        select: { id: true, email: true, name: true },
        where: { OR: [{ tenantId: tenantKey, name }, { email }] },
        orderBy: { id: 'asc' },
        take: limit,
      }),
    ),
  mended: async (prisma, { tenantKey, query: { name = '', email = '' } }) =>
    ok(
      await prisma.user.findMany({
        select: { id: true, email: true, name: true },
        where: { tenantId: tenantKey, OR: [{ name }, { email }] },
        orderBy: { id: 'asc' },
        take: limit,
      }),
    ),
}
