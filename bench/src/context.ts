import { AsyncLocalStorage } from 'node:async_hooks'
import { createTenantContext, currentTenant, runWithTenant } from '@partywall/context'
import type { Case } from './alone.ts'

const acme = createTenantContext({ tenantId: 'acme', env: 'prod' })
const raw = (): (() => unknown) => {
  const storage = new AsyncLocalStorage<unknown>()
  return () => storage.run(acme, () => storage.getStore())
}
const ours = (): (() => unknown) => () => runWithTenant(acme, () => currentTenant())
// A tracing library brings a storage of its own, and Node then takes a slower path for both.
const besideAnother = (work: () => unknown): (() => unknown) => {
  const other = new AsyncLocalStorage<unknown>()
  return other.run('other', () => work)
}

/** Entering a scope and reading the tenant, beside the storage of Node that it is built on. */
export const contextCases: readonly Case[] = [
  { name: 'AsyncLocalStorage: run + getStore', prepare: raw },
  { name: 'runWithTenant + currentTenant', prepare: ours, goalNs: 50 },
  { name: 'AsyncLocalStorage, beside another storage', prepare: () => besideAnother(raw()) },
  { name: 'runWithTenant, beside another storage', prepare: () => besideAnother(ours()) },
  {
    name: 'createTenantContext',
    prepare: () => () => createTenantContext({ tenantId: 'acme', env: 'prod', requestId: 'r' }),
  },
]
