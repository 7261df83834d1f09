import { type Handler, notFound, ok, type Planted } from '../handler.ts'

/** The person is the tenant's; the grants that are fetched with it are those of the address. */
export const relationWithoutTenant: Planted<Handler> = {
  leaking: async (prisma, { tenantKey, params: { id = '' } }) => {
    const person = await prisma.user.findFirst({
      where: { tenantId: tenantKey, id },
      include: { grants: { orderBy: { id: 'asc' } } },
    })
    return person === null ? notFound : ok(person.grants.map(grantOf(person.email)))
  },
  mended: async (prisma, { tenantKey, params: { id = '' } }) => {
    const person = await prisma.user.findFirst({
      where: { tenantId: tenantKey, id },
      include: { grants: { where: { tenantId: tenantKey }, orderBy: { id: 'asc' } } },
    })
    return person === null ? notFound : ok(person.grants.map(grantOf(person.email)))
  },
}

function grantOf(email: string) {
  return ({ id, roleId }: { readonly id: number; readonly roleId: number }) => ({
    email,
    id,
    roleId,
  })
}
