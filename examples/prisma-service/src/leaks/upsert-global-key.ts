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
  // With both keys in its schema, Prisma's upsert takes the shorter one, whatever `where` names.
  mended: (prisma, call) =>
    prisma.$transaction(async (transaction) => {
      const sourceRef = `${call.tenantKey}:${call.params['ref'] ?? ''}`
      const seen = await transaction.securityAlert.updateMany({
        where: { tenantId: call.tenantKey, sourceRef },
        data: { status: 'open' },
      })
      const data = alertOf(call, sourceRef)
      if (seen.count === 0) await transaction.securityAlert.create({ data })
      return ok({ id: data.id })
    }),
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
