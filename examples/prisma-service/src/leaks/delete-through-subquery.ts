import { type Handler, ok, type Planted, text } from '../handler.ts'

/** Somebody leaves one tenant, and loses the sessions of every tenant with that address. */
export const deleteThroughSubquery: Planted<Handler> = {
  leaking: async (prisma, { body }) => {
    const { count } = await prisma.refreshToken.deleteMany({
      where: { user: { email: text(body, 'email') } },
    })
    return ok({ revoked: count })
  },
  mended: async (prisma, { tenantKey, body }) => {
    const { count } = await prisma.refreshToken.deleteMany({
      where: { tenantId: tenantKey, user: { email: text(body, 'email') } },
    })
    return ok({ revoked: count })
  },
}
