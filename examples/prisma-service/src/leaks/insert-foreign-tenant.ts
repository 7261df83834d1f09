import type { Prisma } from '../../generated/client.ts'
import type { Client } from '../guarded-client.ts'
import { type Call, type Handler, ok, type Planted, text } from '../handler.ts'

/** The import trusts the tenant that the file names. */
export const insertForeignTenant: Planted<Handler> = {
  leaking: async (prisma, call) =>
    ok(await insert(prisma, alertOf(call, Number(call.body['org'])))),
  mended: async (prisma, call) => ok(await insert(prisma, alertOf(call, call.tenantKey))),
}

async function insert(
  prisma: Client,
  data: Prisma.SecurityAlertCreateInput,
): Promise<{ readonly id: string; readonly org: number }> {
  const { id, tenantId } = await prisma.securityAlert.create({ data })
  return { id, org: tenantId }
}

function alertOf({ body }: Call, tenantId: number): Prisma.SecurityAlertCreateInput {
  const id = text(body, 'id')
  return {
    id,
    tenantId,
    email: text(body, 'email'),
    kind: text(body, 'kind'),
    status: 'open',
    sourceRef: `import-${id}`,
    seenCount: 1,
  }
}
