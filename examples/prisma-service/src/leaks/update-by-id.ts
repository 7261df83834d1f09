import { type Handler, notFound, ok, type Planted, whole } from '../handler.ts'

/** The id came from the client, and ids are easy to guess. */
export const updateById: Planted<Handler> = {
  leaking: async (prisma, { params }) => {
    const id = whole(params['id'])
    const { count } = await prisma.mfaBackupCode.updateMany({ where: { id }, data: { used: true } })
    return count === 0 ? notFound : ok({ id, used: true })
  },
  mended: async (prisma, { tenantKey, params }) => {
    const id = whole(params['id'])
    const { count } = await prisma.mfaBackupCode.updateMany({
      where: { tenantId: tenantKey, id },
      data: { used: true },
    })
    return count === 0 ? notFound : ok({ id, used: true })
  },
}
