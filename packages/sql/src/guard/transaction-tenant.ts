import type { TenantContext, TenantId } from '@partywall/context'
import type { Scope } from '@partywall/context/spi'
import type { Execution } from './violations.ts'

type Worker = TenantId | undefined

/**
 * What a connection hands on: nothing; an open transaction; or a session of which nobody knows what
 * the system made of it (its role, its search path, its temporary tables).
 */
export type SessionState = 'clean' | 'transaction' | 'changed'

/** Whose transaction is open on a connection. */
export interface TransactionTenant {
  /** Whether the statement is another tenant's than the transaction. */
  mixes(execution: Execution): boolean
  /** Whether a transaction of another tenant is open, or may be. */
  isOccupied(scope: Scope | undefined): boolean
  /**
   * Whose work a commit would keep, `undefined` being nobody's in particular. A few at most: where
   * several worked, the first and nobody in particular.
   */
  workers(): readonly Worker[]
  /** Called with what is sent; without an execution where nobody looked at it. */
  sent(execution: Execution | undefined, scope: Scope | undefined, opaque: boolean): void
  /** Called with what the server says when it has answered everything that was sent. */
  confirmed(isOpen: boolean): void
  /** Whether one is open if all that was sent did what it says; `undefined` where nobody can tell. */
  claimsOpen(): boolean | undefined
  state(): SessionState
}

const nobody: readonly Worker[] = Object.freeze([])

export interface TransactionOptions {
  /** No two statements of it are known to share a connection. */
  readonly pooled: boolean
  /** {@link TransactionTenant.confirmed} is called: until then, nobody takes an end for granted. */
  readonly confirms: boolean
}

/** A transaction of which nobody knows yet whether it has ended, or begun. */
interface Unsettled {
  readonly owner: TenantContext | undefined
  readonly workers: readonly Worker[]
}

export function createTransactionTenant({
  pooled,
  confirms,
}: TransactionOptions): TransactionTenant {
  let isOpen = false
  let isChanged = false
  let owner: TenantContext | undefined
  let unsettled: Unsettled | undefined
  let claimed: boolean | undefined = false
  let workers = nobody

  function worked(worker: Worker): void {
    if (workers.length === 0) workers = [worker]
    else if (workers.length === 1 && workers[0] !== worker) workers = [workers[0], undefined]
  }

  /** Keeps whose it was until the server tells: what a text says is not what becomes of it. */
  function unsettle(sender: TenantContext | undefined): void {
    if (!confirms) return
    // Of several, the first: nobody else passed meanwhile.
    const { owner: first = owner ?? sender, workers: earlier = nobody } = unsettled ?? {}
    unsettled = { owner: first, workers: [...earlier, ...workers].slice(0, 2) }
  }

  function isOccupied(scope: Scope | undefined): boolean {
    const tenant = scope?.tenant
    if (tenant === undefined) return false
    if (isOpen && owner !== undefined && !isSame(tenant, owner)) return true
    return unsettled?.owner !== undefined && !isSame(tenant, unsettled.owner)
  }

  return {
    isOccupied,
    mixes({ scope, verdict }) {
      if (pooled && verdict.transaction.length > 0) return true
      // Not even its end: what one tenant did would be lost, or kept, by another.
      if (isOccupied(scope)) return true
      // A text that failed half-way may have left one open: nobody may revive it.
      if (!isOpen && verdict.transaction.includes('rollback_to')) return scope?.tenant !== undefined
      // Whoever ends a transaction reads and writes nothing by it.
      if (verdict.claims.length === 0 && verdict.unprovable === undefined) return false
      return isChanged && scope?.system === undefined
    },
    claimsOpen: () => claimed,
    workers: () => (unsettled === undefined ? workers : [...unsettled.workers, ...workers]),
    state() {
      if (isChanged) return 'changed'
      return isOpen || unsettled !== undefined ? 'transaction' : 'clean'
    },
    sent(execution, scope, opaque) {
      const tenantId = scope?.tenant?.tenantId
      const isUnknown = opaque || execution?.verdict.unprovable !== undefined
      if (isUnknown && execution !== undefined && scope?.system !== undefined) isChanged = true
      if (pooled) return
      if (opaque) {
        unsettle(scope?.tenant)
        claimed = undefined
      }
      if (execution === undefined || execution.verdict.unprovable !== undefined) {
        claimed = undefined
        // It may have begun a transaction, or ended one.
        unsettle(scope?.tenant)
        isOpen = false
        owner = undefined
        worked(tenantId)
        return
      }
      const { transaction, claims } = execution.verdict
      for (const change of transaction) {
        // PostgreSQL ignores a BEGIN inside a transaction.
        if ((change === 'begin' && isOpen) || change === 'rollback_to') continue
        if (isOpen) unsettle(scope?.tenant)
        isOpen = change === 'begin'
        claimed = opaque ? undefined : isOpen
        owner = undefined
        workers = nobody
      }
      if (!isOpen) return
      owner ??= scope?.tenant
      if (claims.length > 0) worked(tenantId)
    },
    confirmed(isReallyOpen) {
      const before = unsettled
      unsettled = undefined
      claimed = isReallyOpen
      if (isReallyOpen && before === undefined && isOpen) return
      if (!isReallyOpen) {
        isOpen = false
        owner = undefined
        workers = nobody
        return
      }
      isOpen = true
      owner ??= before?.owner
      const later = workers
      workers = before?.workers ?? nobody
      for (const worker of later) worked(worker)
    },
  }
}

function isSame(one: TenantContext, other: TenantContext): boolean {
  return one.tenantId === other.tenantId && one.env === other.env
}
