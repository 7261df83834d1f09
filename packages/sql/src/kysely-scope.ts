/**
 * Writes the tenant into Kysely's queries.
 * @packageDocumentation
 */
import { currentScope } from '@partywall/context/spi'
import type { KyselyPlugin } from 'kysely'
import { aTenantSchema } from './expected.ts'
import { inSchema } from './guard/given.ts'
import type { TenantSchema } from './schema/tenant-schema.ts'
import { tenantConditions } from './scope/tenant-conditions.ts'
import { TenantScoping } from './scope/tenant-scoping.ts'

/**
 * A plugin that makes queries mean the rows of the tenant of the scope: what is read gets a condition in
 * WHERE or ON, and is a filtered subselect in a FULL JOIN; UPDATE and DELETE get a condition; INSERT
 * gets the owner column. Work of the system and work without a scope stay as they are.
 *
 * It is a convenience and no wall: raw SQL and `withoutPlugins` go past it. Put it before a guarded
 * dialect, which proves what it wrote.
 * @throws {@link SqlGuardError} `sql.schema` for what is no schema; of queries, `sql.unscoped` for MERGE
 * and for a FULL JOIN of a table that is named with its schema and without an alias
 */
export function scopePlugin(schema: TenantSchema): KyselyPlugin {
  inSchema.value('schema', schema, aTenantSchema)
  return {
    transformQuery({ node }) {
      const tenant = currentScope()?.tenant
      if (tenant === undefined) return node
      return new TenantScoping(tenantConditions(schema, tenant)).transformNode(node)
    },
    transformResult: ({ result }) => Promise.resolve(result),
  }
}
