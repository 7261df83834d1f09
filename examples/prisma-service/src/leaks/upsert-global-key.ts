import type { Prisma } from '../../generated/client.ts'
import { type Call, type Handler, ok, type Planted, text } from '../handler.ts'

/** The vendor numbers its alerts for all customers together; the second tenant hits the first's. */
export const upsertGlobalKey: Planted<Handler> = {
  leaking: async (prisma, call) => {
    const sourceRef = call.params['ref'] ?? ''
    const { id } = await prisma.securityAlert.upsert({
      where: { sourceRef },
      create: alertOf(call, sourceRef),
      update: { status: 'open' },
    })
    return ok({ id })
  },
  mended: async (prisma, call) => {
    const tenantId = call.tenantKey
    const sourceRef = `${tenantId}:${call.params['ref'] ?? ''}`
    const { id } = await prisma.securityAlert.upsert({
      where: { tenantId_sourceRef: { tenantId, sourceRef } },
      create: alertOf(call, sourceRef),
      update: { status: 'open' },
    })
    return ok({ id })
  },
}

function alertOf({ tenantKey, body }: Call, sourceRef: string): Prisma.SecurityAlertCreateInput {
  return {
    id: text(body, 'id'),
    tenantId: tenantKey,
    email: text(body, 'email'),
    kind: 'token_reuse',
    status: 'open',
    sourceRef,
    seenCount: 1,
  }
}
