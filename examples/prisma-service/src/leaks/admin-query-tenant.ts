import type { Client } from '../guarded-client.ts'
import { type Handler, ok, type Planted, whole } from '../handler.ts'

/** The support screen takes the tenant from the address bar. */
export const adminQueryTenant: Planted<Handler> = {
  leaking: async (prisma, { tenantKey, query }) =>
    ok(await rolesOf(prisma, query['org'] === undefined ? tenantKey : whole(query['org']))),
  mended: async (prisma, { tenantKey }) => ok(await rolesOf(prisma, tenantKey)),
}

function rolesOf(prisma: Client, tenantId: number): Promise<readonly object[]> {
  return prisma.role.findMany({
    select: { id: true, name: true, description: true },
    where: { tenantId },
    orderBy: { id: 'asc' },
  })
}
