import { AsyncLocalStorage } from 'node:async_hooks'
import { unknownModel } from '@partywall/context/spi'
import type { TenantKey, TenantSchema } from '../schema/tenant-schema.ts'
import type { Claim, Verdict } from './verdict.ts'

/**
 * The one statement that sets something and is sent all the same: until the transaction ends, the
 * server knows whose it is.
 */
const tenantText = 'select pg_catalog.set_config($1, $2, true)'

interface Announced {
  readonly setting: string
  readonly key: string
}

const announced = new AsyncLocalStorage<Announced>()

/**
 * Sends the statement by a door: its guard lets it pass while `send` runs, and only if the key is
 * that of the tenant of the scope.
 */
export function sendTenant<Result>(
  { setting, key }: Announced,
  send: (text: string, values: readonly string[]) => Result,
): Result {
  return announced.run({ setting, key }, () => send(tenantText, [setting, key]))
}

/** How a guard judges the statement, where it is the announced one; `undefined` for every other. */
export function tenantVerdict(
  text: string,
  values: readonly unknown[],
  schema: TenantSchema,
): Verdict | undefined {
  // Texts differ in their lengths mostly: this costs nothing for other statements.
  if (text !== tenantText) return undefined
  const expected = announced.getStore()
  if (expected === undefined || values.length !== 2) return undefined
  if (values[0] !== expected.setting || values[1] !== expected.key) return undefined
  const keys = new Set<TenantKey>()
  for (const { table, tenantKey } of schema.relations.values()) {
    if (table.kind === 'owner') keys.add(tenantKey)
  }
  const claims = [...keys].map(claimOf)
  return { action: 'other', claims, transaction: [], isRollback: false }
}

function claimOf(tenantKey: TenantKey): Claim {
  return {
    model: unknownModel,
    severity: 'CRITICAL',
    violation: 'missing_tenant_id',
    action: 'other',
    tenantKey,
    constants: [{ kind: 'parameter', index: 2, family: 'text' }],
    written: false,
  }
}
