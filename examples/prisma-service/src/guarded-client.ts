import { readFileSync } from 'node:fs'
import type { Enforcement } from '@partywall/context/spi'
import {
  guardAdapter,
  type TenantExtensionOptions,
  tenantExtension,
  tenantSchemaFromPrisma,
} from '@partywall/prisma'
import { createGuard, liveSchema, loadCatalogue, owner, type TenantSchema } from '@partywall/sql'
import { PrismaPg } from '@prisma/adapter-pg'
import type pg from 'pg'
import { models } from '../../rollout-journey/src/data/models.ts'
import { tenantKey } from '../../rollout-journey/src/data/tenants.ts'
import { PrismaClient } from '../generated/client.ts'

const prismaSchema = new URL('../prisma/schema.prisma', import.meta.url)

/** Whose rows each table holds: the Prisma schema names the tables, here is how severe a leak is. */
function declaredSchema(): TenantSchema {
  return tenantSchemaFromPrisma(readFileSync(prismaSchema, 'utf8'), {
    ownerField: 'tenantId',
    models: Object.fromEntries(
      models.map(({ model, severity }) => [model, owner('tenant_id', { severity, type: 'int4' })]),
    ),
    tenantKey,
  })
}

/** What `$extends` makes of the client that is generated. */
export type Client = ReturnType<typeof extended>

export interface GuardedClientOptions {
  readonly enforcement: Enforcement
  /** Whether the tenant is written into calls that forgot it. */
  readonly confine: 'all' | 'none'
}

/** The client of the service: all that it sends goes through the guard. */
export async function guardedClient(
  pool: pg.Pool,
  { enforcement, confine }: GuardedClientOptions,
): Promise<Client> {
  const schema = liveSchema(declaredSchema(), await loadCatalogue(pool))
  const guard = await createGuard(schema, { enforcement })
  const adapter = guardAdapter(new PrismaPg(pool), guard)
  return extended(new PrismaClient({ adapter }), { schema, confine })
}

function extended(client: PrismaClient, options: TenantExtensionOptions) {
  return client.$extends(tenantExtension(options))
}
