import { isPartywallError } from '@partywall/context'
import { models } from '../data/models.ts'
import { ok, type Route } from './handler.ts'

/**
 * Asks every table for nothing at all, without a tenant: what is refused is enforced. An operator
 * sees with it what the walls of one instance do, without reading a row.
 */
export const selfTestRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/admin/walls',
    handler: async ({ kysely }) => {
      const found: Record<string, 'blocked' | 'open'> = {}
      for (const { table, model } of models) {
        try {
          await kysely.selectFrom(table).select('tenant_id').limit(0).execute()
          found[model] = 'open'
        } catch (error) {
          if (!isPartywallError(error, 'TENANT_CONTEXT_REQUIRED')) throw error
          found[model] = 'blocked'
        }
      }
      return ok(found)
    },
  },
]
