import type { ModelTotals, ObservationTotals, SignatureTotals } from '@partywall/context/spi'
import { type CounterCells, type PlainCounter, plainCount, sumCells } from './counter-cells.ts'
import { overheadBoundsMs } from './overhead-histogram.ts'

/** The counters in the shape that gates read. */
export function observationTotals(
  cells: CounterCells,
  blockedSignatures: Readonly<Record<string, SignatureTotals>>,
  subscriberFaults: number,
): ObservationTotals {
  const { values, at, labels } = cells
  const width = labels.endpoints.length
  const models = new Map<string, ModelTotals>()
  for (const [row, { name, severity, declared }] of labels.models.entries()) {
    const totals = {
      severity,
      violations: sumCells(values, at.violations + row * width, width),
      blocks: sumCells(values, at.blocks + row * width, width),
      bypasses: values[at.bypassed + row] ?? 0,
    }
    // Undeclared models appear once they are seen: they are nobody's gate before.
    if (declared || totals.violations > 0 || totals.bypasses > 0) models.set(name, totals)
  }
  const sum = (request: PlainCounter, job: PlainCounter): number =>
    plainCount(values, request) + plainCount(values, job)
  return {
    guarded: plainCount(values, 'guarded'),
    operations: sum('requests', 'jobs'),
    operationsBlocked: sum('requestsBlocked', 'jobsBlocked'),
    operationsFailed: sum('requestsFailed', 'jobsFailed'),
    blocksOutside: plainCount(values, 'blocksOutside'),
    guardFaults: plainCount(values, 'guardFaults'),
    lost: plainCount(values, 'lost') + subscriberFaults,
    overhead: {
      boundsMs: overheadBoundsMs,
      counts: Array.from(values.subarray(at.overhead, at.overhead + overheadBoundsMs.length + 1)),
    },
    models: Object.fromEntries(models),
    bypasses: Object.fromEntries(
      labels.reasons.map((reason, index) => [reason, values[at.bypasses + index] ?? 0]),
    ),
    blockedSignatures,
    unlistedBlocks: plainCount(values, 'unlistedBlocks'),
  }
}
