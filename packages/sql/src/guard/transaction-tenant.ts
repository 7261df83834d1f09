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
  /**
   * Whose work a commit would keep, `undefined` being nobody's in particular. Two at most: where
   * several worked, the first and nobody in particular.
   */
  workers(): readonly Worker[]
  /** Called with what is sent; without an execution where nobody looked at it. */
  sent(execution: Execution | undefined, scope: Scope | undefined, opaque: boolean): void
  state(): SessionState
}

const nobody: readonly Worker[] = Object.freeze([])

/** @param pooled - no two statements of it are known to share a connection */
export function createTransactionTenant(pooled: boolean): TransactionTenant {
  let isOpen = false
  let isChanged = false
  let owner: TenantContext | undefined
  let workers = nobody

  function worked(worker: Worker): void {
    if (workers.length === 0) workers = [worker]
    else if (workers.length === 1 && workers[0] !== worker) workers = [workers[0], undefined]
  }

  return {
    mixes({ scope, verdict }) {
      if (pooled && verdict.transaction.length > 0) return true
      const tenant = scope?.tenant
      // Not even its end: what one tenant did would be lost, or kept, by another.
      if (isOpen && owner !== undefined && tenant !== undefined && !isSame(tenant, owner))
        return true
      // A text that failed half-way may have left one open: nobody may revive it.
      if (!isOpen && verdict.transaction.includes('rollback_to')) return tenant !== undefined
      // Whoever ends a transaction reads and writes nothing by it.
      if (verdict.claims.length === 0 && verdict.unprovable === undefined) return false
      return isChanged && scope?.system === undefined
    },
    workers: () => workers,
    state: () => (isChanged ? 'changed' : isOpen ? 'transaction' : 'clean'),
    sent(execution, scope, opaque) {
      const tenantId = scope?.tenant?.tenantId
      const isUnknown = opaque || execution?.verdict.unprovable !== undefined
      if (isUnknown && execution !== undefined && scope?.system !== undefined) isChanged = true
      if (pooled) return
      if (execution === undefined || execution.verdict.unprovable !== undefined) {
        // It may have begun a transaction, or ended one.
        isOpen = false
        owner = undefined
        worked(tenantId)
        return
      }
      const { transaction, claims } = execution.verdict
      for (const change of transaction) {
        // PostgreSQL ignores a BEGIN inside a transaction.
        if ((change === 'begin' && isOpen) || change === 'rollback_to') continue
        isOpen = change === 'begin'
        owner = undefined
        workers = nobody
      }
      if (!isOpen) return
      owner ??= scope?.tenant
      if (claims.length > 0) worked(tenantId)
    },
  }
}

function isSame(one: TenantContext, other: TenantContext): boolean {
  return one.tenantId === other.tenantId && one.env === other.env
}
