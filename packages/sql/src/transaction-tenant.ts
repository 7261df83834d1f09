import type { TenantId } from '@partywall/context'
import type { Execution } from './violations.ts'

/** Whose transaction is open on a connection. */
export interface TransactionTenant {
  /** Whether the statement is another tenant's than the transaction. */
  mixes(execution: Execution): boolean
  /** Called with what is sent; with nothing where nobody looked at it. */
  sent(execution: Execution | undefined): void
}

export function createTransactionTenant(): TransactionTenant {
  let isOpen = false
  let owner: TenantId | undefined
  return {
    mixes({ scope, verdict }) {
      // Whoever ends a transaction reads and writes nothing by it.
      if (verdict.claims.length === 0 && verdict.unprovable === undefined) return false
      const tenantId = scope?.tenant?.tenantId
      return isOpen && owner !== undefined && tenantId !== undefined && tenantId !== owner
    },
    sent(execution) {
      if (execution === undefined) {
        isOpen = false
        owner = undefined
        return
      }
      for (const change of execution.verdict.transaction) {
        isOpen = change === 'begin'
        owner = undefined
      }
      if (isOpen) owner ??= execution.scope?.tenant?.tenantId
    },
  }
}
