import type { KeyObject } from 'node:crypto'
import type { Request, RequestHandler } from 'express'
import { hashSecret } from '../data/secret.ts'
import { tenantKey } from '../data/tenants.ts'
import { issueToken } from './caller.ts'
import type { Database } from './database.ts'

/** The one endpoint that needs no token: it gives one to who knows the password. */
export function loginHandler(
  { kysely }: Database,
  key: KeyObject,
  tenantOf: (request: Request) => string | undefined,
): RequestHandler {
  return async (request, response) => {
    const tenantId = tenantOf(request)
    // Parsed by express.json(): an object, or nothing at all.
    const { email, password } = (request.body ?? {}) as Record<string, unknown>
    if (tenantId === undefined || typeof email !== 'string' || typeof password !== 'string') {
      response.status(400).json({ error: 'tenant, email and password are needed' })
      return
    }
    const person = await kysely
      .selectFrom('users')
      .select(['id', 'secret_hash'])
      .where('tenant_id', '=', tenantKey(tenantId))
      .where('email', '=', email)
      .executeTakeFirst()
    if (person === undefined || person.secret_hash !== hashSecret(password)) {
      response.status(401).json({ error: 'unknown address or wrong password' })
      return
    }
    response.json({ id: person.id, token: await issueToken(key, person.id, tenantId) })
  }
}
