import { AsyncLocalStorage } from 'node:async_hooks'
import type { Operation } from './operation.ts'
import type { SystemScope } from './system.ts'
import type { TenantContext } from './tenant-context.ts'

/** What is known about the work going on: at most one of `tenant` and `system` is set. */
export interface Scope {
  readonly tenant: TenantContext | undefined
  readonly system: SystemScope | undefined
  readonly operation: Operation | undefined
}

const slot: unique symbol = Symbol.for('partywall.context/0') as never
type Slotted = typeof globalThis & { [slot]?: AsyncLocalStorage<Scope | undefined> }

/**
 * One scope per process, even where npm installed two copies of this package: a tenant set through
 * one copy is seen by the other.
 */
function scopeStorage(): AsyncLocalStorage<Scope | undefined> {
  const home = globalThis as Slotted
  const existing = home[slot]
  if (existing !== undefined) return existing
  const storage = new AsyncLocalStorage<Scope | undefined>()
  // Not writable: replacing the slot would part the process in two.
  Object.defineProperty(home, slot, { value: storage })
  return storage
}

const storage = scopeStorage()

/** The scope of the running work, if it has one. */
export function currentScope(): Scope | undefined {
  return storage.getStore()
}

/** Runs `work` in exactly this scope. For adapters; applications use `runWithTenant`. */
export function runInScope<Result>(scope: Scope | undefined, work: () => Result): Result {
  return storage.run(scope, work)
}
