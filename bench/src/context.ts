import { AsyncLocalStorage } from 'node:async_hooks'
import { createTenantContext, currentTenant, runWithTenant } from '@partywall/context'
import { do_not_optimize } from 'mitata'
import { measure } from './measure.ts'
import { renderTable } from './table.ts'

/** Entering a scope and reading the tenant, beside the storage of Node that it is built on. */
export async function benchContext(): Promise<string> {
  const acme = createTenantContext({ tenantId: 'acme', env: 'prod' })
  const storage = new AsyncLocalStorage<unknown>()
  return renderTable('Context: run and read', [
    await measure('AsyncLocalStorage run + getStore', () =>
      do_not_optimize(storage.run(acme, () => storage.getStore())),
    ),
    await measure(
      'runWithTenant + currentTenant',
      () => do_not_optimize(runWithTenant(acme, () => currentTenant())),
      50,
    ),
    await measure('createTenantContext', () =>
      do_not_optimize(createTenantContext({ tenantId: 'acme', env: 'prod', requestId: 'r' })),
    ),
  ])
}
