import type { Client } from './guarded-client.ts'
import { type Call, notFound, ok, type Route, text, whole } from './handler.ts'

/** What people do with their own account. */
export const accountRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/me',
    handler: async (prisma, { tenantKey, userId }) => {
      const person = await prisma.user.findUnique({
        select: { id: true, email: true, name: true, locale: true },
        where: { tenantId_id: { tenantId: tenantKey, id: userId } },
      })
      return person === null ? notFound : ok(person)
    },
  },
  {
    method: 'PATCH',
    path: '/api/me',
    handler: async (prisma, { tenantKey, userId, body }) =>
      ok(
        await prisma.user.update({
          select: { id: true, locale: true },
          where: { tenantId_id: { tenantId: tenantKey, id: userId } },
          data: { locale: text(body, 'locale') },
        }),
      ),
  },
  {
    method: 'GET',
    path: '/api/secure/sessions',
    handler: async (prisma, { tenantKey, userId }) =>
      ok(
        await prisma.refreshToken.findMany({
          select: { id: true, device: true, issuedAt: true },
          where: { tenantId: tenantKey, userId },
          orderBy: { id: 'asc' },
        }),
      ),
  },
  {
    method: 'POST',
    path: '/api/secure/sessions',
    handler: (prisma, call) =>
      prisma.$transaction(async (transaction) => {
        const { id } = await transaction.refreshToken.create({
          data: {
            id: text(call.body, 'id'),
            device: text(call.body, 'device'),
            tokenHash: text(call.body, 'tokenHash'),
            issuedAt: call.now,
            user: { connect: { tenantId_id: { tenantId: call.tenantKey, id: call.userId } } },
          },
        })
        await audit(transaction, call, { action: 'session.open', subject: id })
        return { status: 201, body: { id } }
      }),
  },
  {
    method: 'DELETE',
    path: '/api/secure/sessions/:id',
    handler: (prisma, call) =>
      prisma.$transaction(async (transaction) => {
        const { id = '' } = call.params
        const { count } = await transaction.refreshToken.deleteMany({
          where: { tenantId: call.tenantKey, userId: call.userId, id },
        })
        if (count === 0) return notFound
        await audit(transaction, call, { action: 'session.close', subject: id })
        return ok({ closed: count })
      }),
  },
  {
    method: 'GET',
    path: '/api/secure/mfa',
    handler: async (prisma, { tenantKey, userId }) => {
      const person = await prisma.user.findUniqueOrThrow({
        select: { _count: { select: { backupCodes: { where: { used: false } } } } },
        where: { tenantId_id: { tenantId: tenantKey, id: userId } },
      })
      return ok({ unused: person._count.backupCodes })
    },
  },
  {
    method: 'POST',
    path: '/api/secure/mfa/:id/use',
    handler: async (prisma, { tenantKey, userId, params }) => {
      const id = whole(params['id'])
      const { count } = await prisma.mfaBackupCode.updateMany({
        where: { tenantId: tenantKey, userId, id },
        data: { used: true },
      })
      return count === 0 ? notFound : ok({ id })
    },
  },
  {
    method: 'GET',
    path: '/api/secure/audit',
    handler: async (prisma, { tenantKey, userId }) =>
      ok(
        await prisma.auditLog.findMany({
          select: { action: true, subject: true, at: true },
          where: { tenantId: tenantKey, actorId: userId },
          orderBy: { id: 'desc' },
          take: 20,
        }),
      ),
  },
]

/** Writes down what somebody did. */
async function audit(
  transaction: Pick<Client, 'auditLog'>,
  { tenantKey, userId, now }: Call,
  entry: { readonly action: string; readonly subject: string },
): Promise<void> {
  await transaction.auditLog.create({
    data: { tenantId: tenantKey, actorId: userId, ...entry, at: now },
  })
}
