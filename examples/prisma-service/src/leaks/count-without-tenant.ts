import { type Handler, ok, type Planted } from '../handler.ts'

/** "It is only a number": a number about everybody. */
export const countWithoutTenant: Planted<Handler> = {
  leaking: async (prisma, { query: { device = '' } }) =>
    ok({ sessions: await prisma.refreshToken.count({ where: { device } }) }),
  mended: async (prisma, { tenantKey, query: { device = '' } }) =>
    ok({ sessions: await prisma.refreshToken.count({ where: { tenantId: tenantKey, device } }) }),
}
