import type { CounterCells } from './counter-cells.ts'
import type { RecordLogger } from './record-logger.ts'

/** Counts what could not be written, and says so at most once per minute. */
export interface LossAccount {
  /** `where` and `code` come from a closed set or an errno: never text from outside. */
  lost(records: number, where: string, error: unknown): void
  /** Counts apart what was on record until its bound took it: nothing went unobserved. */
  removed(what: { readonly files: number; readonly records: number }): void
}

const minuteMs = 60_000

export function createLossAccount(
  cells: CounterCells,
  logger: RecordLogger | undefined,
  wallClock: () => number,
): LossAccount {
  let saidAt = Number.NEGATIVE_INFINITY
  let total = 0
  const lost: LossAccount['lost'] = (records, where, error) => {
    total += records
    cells.add('lost', records)
    const now = wallClock()
    if (now - saidAt < minuteMs && now >= saidAt) return
    saidAt = now
    try {
      logger?.error({ where, code: errorCode(error), lost: total }, 'TENANT_TELEMETRY_LOSS')
    } catch {
      // The logger is what failed: the count is in the totals and the metrics.
    }
  }
  return {
    lost,
    removed({ files, records }) {
      if (files === 0) return
      cells.add('removed', records)
      try {
        logger?.warn({ files, records }, 'TENANT_RECORDS_REMOVED')
      } catch (error) {
        lost(1, 'logger', error)
      }
    },
  }
}

/** The code of an error, such as `ENOSPC`; its message may carry data and is left out. */
export function errorCode(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) {
    if (typeof error.code === 'string') return error.code
  }
  return error instanceof Error ? error.name : 'unknown'
}
