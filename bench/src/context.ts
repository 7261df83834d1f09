import { AsyncLocalStorage } from 'node:async_hooks'
import { createTenantContext, currentTenant, runWithTenant } from '@partywall/context'
import type { Case } from './alone.ts'

const acme = createTenantContext({ tenantId: 'acme', env: 'prod' })
const raw = (): (() => unknown) => {
  const storage = new AsyncLocalStorage<unknown>()
  return () => storage.run(acme, () => storage.getStore())
}
const ours = (): (() => unknown) => () => runWithTenant(acme, () => currentTenant())

/** Entering a scope and reading the tenant, beside the storage of Node that it is built on. */
export const contextCases: readonly Case[] = [
  { name: 'AsyncLocalStorage: run + getStore', prepare: raw },
  { name: 'runWithTenant + currentTenant', prepare: ours, goalNs: 50 },
  {
    name: 'createTenantContext',
    prepare: () => () => createTenantContext({ tenantId: 'acme', env: 'prod', requestId: 'r' }),
  },
]
