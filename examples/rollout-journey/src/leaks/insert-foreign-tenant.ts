import type { RawQueries } from '../service/database.ts'
import { type Call, type Handler, ok, type Reply, text } from '../service/handler.ts'
import type { RouteLeak } from './leak.ts'

/** The import trusts the tenant that the file names. */
export const insertForeignTenant: RouteLeak = {
  kind: 'insert-foreign-tenant',
  model: 'SecurityAlert',
  severity: 'HIGH',
  violation: 'missing_tenant_id',
  method: 'POST',
  path: '/api/admin/alerts/import',
}

/** What mends it. */
export const mendedInsertForeignTenant: Handler = ({ pg }, call) => insert(pg, call, call.tenantKey)

export async function insert(pg: RawQueries, { body }: Call, tenantKey: number): Promise<Reply> {
  const id = text(body, 'id')
  await pg.query(
    `insert into security_alerts (id, tenant_id, email, kind, status, source_ref, seen_count)
     values ($1, $2, $3, $4, 'open', $5, 1)`,
    [id, tenantKey, text(body, 'email'), text(body, 'kind'), `import-${id}`],
  )
  return ok({ id, org: tenantKey })
}
