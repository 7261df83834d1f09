import type { OperationEndedEvent } from '@partywall/context'
import type { Operation } from '@partywall/context/spi'
import type { CounterCells } from './counter-cells.ts'

/** The code of work refused by the kill switch: it is neither served nor an error. */
export const closedCode = 'tenancy.disabled'

/** Counts operations that ended, and those of them with at least one blocked statement. */
export interface OperationAccount {
  blocked(operation: Operation): void
  /** The kill switch stopped some of its work: however it ends, it is in no share. */
  refused(operation: Operation): void
  ended(event: OperationEndedEvent): void
}

export function createOperationAccount(cells: CounterCells): OperationAccount {
  const refusedOperations = new WeakSet<Operation>()
  const blockedOperations = new WeakSet<Operation>()
  // Counted operations that ended without a block: a statement they left running may yet be blocked.
  const endedClean = new WeakSet<Operation>()
  const countBlocked = ({ kind }: Operation): void => {
    cells.add(kind === 'job' ? 'jobsBlocked' : 'requestsBlocked')
  }
  return {
    blocked(operation) {
      if (blockedOperations.has(operation)) return
      blockedOperations.add(operation)
      if (endedClean.delete(operation)) countBlocked(operation)
    },
    refused(operation) {
      refusedOperations.add(operation)
    },
    ended({ operation, outcome }) {
      if (outcome.code === closedCode || refusedOperations.has(operation)) return
      const job = operation.kind === 'job'
      cells.add(job ? 'jobs' : 'requests')
      if (blockedOperations.has(operation)) {
        countBlocked(operation)
        return
      }
      endedClean.add(operation)
      if (outcome.failed) cells.add(job ? 'jobsFailed' : 'requestsFailed')
    },
  }
}
