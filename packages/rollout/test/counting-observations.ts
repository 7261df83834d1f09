import type {
  ModelTotals,
  Observations,
  ObservationTotals,
  Severity,
  SignatureTotals,
} from '@partywall/context/spi'

/** The counters of a process whose traffic a test makes up. */
export interface CountingObservations extends Observations {
  /** Finished requests, each with one guarded statement. */
  operations(count: number, of?: { blocked?: number; failed?: number }): void
  violation(model: string, severity: Severity, count?: number): void
  /** Blocked statements of one signature. */
  block(signature: string, model: string, severity: Severity, count?: number): void
  bypass(reason: string, count?: number): void
  fault(): void
  /** Observations that got lost. */
  lose(count: number): void
  /** Blocked statements that belong to no request. */
  blockOutside(count: number): void
  /** Statements that took this long more. */
  overhead(ms: number, count: number): void
}

const boundsMs = [0.5, 1, 5, 10, 50]

export function countingObservations(): CountingObservations {
  const counts = boundsMs.map(() => 0).concat(0)
  const models: Record<string, ModelTotals> = {}
  const bypasses: Record<string, number> = {}
  const blockedSignatures: Record<string, SignatureTotals> = {}
  let [guarded, operations, operationsBlocked, operationsFailed, guardFaults] = [0, 0, 0, 0, 0]
  let [lost, blocksOutside] = [0, 0]
  const add = (
    model: string,
    severity: Severity,
    more: Partial<Omit<ModelTotals, 'severity'>>,
  ): void => {
    const { violations = 0, blocks = 0 } = models[model] ?? {}
    models[model] = {
      severity,
      violations: violations + (more.violations ?? 0),
      blocks: blocks + (more.blocks ?? 0),
      bypasses: 0,
    }
  }
  return {
    operations(count, { blocked = 0, failed = 0 } = {}) {
      guarded += count
      operations += count
      operationsBlocked += blocked
      operationsFailed += failed
      counts[0] = (counts[0] ?? 0) + count
    },
    violation: (model, severity, count = 1) => add(model, severity, { violations: count }),
    block(id, model, severity, count = 1) {
      add(model, severity, { violations: count, blocks: count })
      blockedSignatures[id] = {
        model,
        action: 'select',
        endpoint: '/api',
        statement: 'select 1',
        severity,
        blocks: (blockedSignatures[id]?.blocks ?? 0) + count,
      }
    },
    bypass(reason, count = 1) {
      bypasses[reason] = (bypasses[reason] ?? 0) + count
    },
    fault() {
      guardFaults += 1
    },
    lose(count) {
      lost += count
    },
    blockOutside(count) {
      blocksOutside += count
    },
    overhead(ms, count) {
      const index = boundsMs.findIndex((bound) => ms <= bound)
      const at = index === -1 ? boundsMs.length : index
      counts[at] = (counts[at] ?? 0) + count
      guarded += count
    },
    totals: (): ObservationTotals =>
      structuredClone({
        guarded,
        operations,
        operationsBlocked,
        operationsFailed,
        guardFaults,
        blocksOutside,
        lost,
        overhead: { boundsMs, counts },
        models,
        bypasses,
        blockedSignatures,
        unlistedBlocks: 0,
      }),
  }
}
