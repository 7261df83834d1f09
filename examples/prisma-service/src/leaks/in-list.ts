import type { Client } from '../guarded-client.ts'
import { type Handler, ok, type Planted, whole } from '../handler.ts'

const limit = 200

/** The list is the tenant's own, and other tenants have the same names in theirs. */
export const inList: Planted<Handler> = {
  leaking: async (prisma, { tenantKey, params }) => {
    const names = await permissionsOf(prisma, tenantKey, whole(params['id']))
    const similar = await prisma.rolePermission.findMany({
      where: { permission: { in: names } },
      orderBy: { id: 'asc' },
      take: limit,
    })
    return ok(similar.map(rowOf))
  },
  mended: async (prisma, { tenantKey, params }) => {
    const names = await permissionsOf(prisma, tenantKey, whole(params['id']))
    const similar = await prisma.rolePermission.findMany({
      where: { tenantId: tenantKey, permission: { in: names } },
      orderBy: { id: 'asc' },
      take: limit,
    })
    return ok(similar.map(rowOf))
  },
}

interface Permission {
  readonly id: number
  readonly roleId: number
  readonly permission: string
}

function rowOf({ id, roleId, permission }: Permission): object {
  return { id, role_id: roleId, permission }
}

async function permissionsOf(prisma: Client, tenantId: number, roleId: number): Promise<string[]> {
  const rows = await prisma.rolePermission.findMany({
    select: { permission: true },
    where: { tenantId, roleId },
  })
  return rows.map(({ permission }) => permission)
}
