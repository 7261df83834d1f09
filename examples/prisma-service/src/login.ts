import type { KeyObject } from 'node:crypto'
import { currentTenant } from '@partywall/context'
import type { RequestHandler } from 'express'
import { hashSecret } from '../../rollout-journey/src/data/secret.ts'
import { tenantKey } from '../../rollout-journey/src/data/tenants.ts'
import { issueToken } from '../../rollout-journey/src/service/caller.ts'
import type { Client } from './guarded-client.ts'

/** The one endpoint that needs no token: it gives one to who knows the password. */
export function loginHandler(prisma: Client, key: KeyObject): RequestHandler {
  return async (request, response) => {
    const tenantId = currentTenant()?.tenantId
    // Parsed by express.json(): an object, or nothing at all.
    const { email, password } = (request.body ?? {}) as Record<string, unknown>
    if (tenantId === undefined || typeof email !== 'string' || typeof password !== 'string') {
      response.status(400).json({ error: 'tenant, email and password are needed' })
      return
    }
    const person = await prisma.user.findUnique({
      select: { id: true, secretHash: true },
      where: { tenantId_email: { tenantId: tenantKey(tenantId), email } },
    })
    if (person === null || person.secretHash !== hashSecret(password)) {
      response.status(401).json({ error: 'unknown address or wrong password' })
      return
    }
    response.json({ id: person.id, token: await issueToken(key, person.id, tenantId) })
  }
}
