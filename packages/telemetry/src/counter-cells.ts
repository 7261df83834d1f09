import type { Severity } from '@partywall/context/spi'
import type { LabelSet } from './label-set.ts'
import { bucketOf, overheadBoundsMs } from './overhead-histogram.ts'

/** The counters that have no labels, in the order of their cells. */
const plainCounters = [
  'guarded',
  'requests',
  'requestsBlocked',
  'requestsFailed',
  'jobs',
  'jobsBlocked',
  'jobsFailed',
  'blocksOutside',
  'guardFaults',
  'lost',
  'removed',
  'unlistedBlocks',
  'overheadMs',
] as const
export type PlainCounter = (typeof plainCounters)[number]

/**
 * Every counter of a recorder in one flat array, made at start: counting is one or two look-ups
 * and one addition, and a span of time is the difference of two copies.
 */
export interface CounterCells {
  readonly labels: LabelSet
  readonly values: Float64Array
  readonly at: CellLayout
  add(counter: PlainCounter, amount?: number): void
  violation(model: string, severity: Severity, endpoint: string): void
  block(model: string, severity: Severity, endpoint: string): void
  bypassedStatement(model: string, severity: Severity): void
  bypassUse(reason: string): void
  overhead(durationMs: number): void
}

/** Where each kind of counter begins. */
interface CellLayout {
  readonly overhead: number
  readonly violations: number
  readonly blocks: number
  readonly bypassed: number
  readonly bypasses: number
  readonly size: number
}

export function createCounterCells(labels: LabelSet): CounterCells {
  const at = layoutOf(labels)
  const values = new Float64Array(at.size)
  const width = labels.endpoints.length
  const plain = new Map<PlainCounter, number>(plainCounters.map((name, index) => [name, index]))
  const overheadSum = plain.get('overheadMs') ?? 0
  const bump = (index: number, amount = 1): void => {
    values[index] = (values[index] ?? 0) + amount
  }
  return {
    labels,
    values,
    at,
    add(counter, amount = 1) {
      bump(plain.get(counter) ?? 0, amount)
    },
    violation(model, severity, endpoint) {
      const row = labels.modelIndex(model, severity) * width
      bump(at.violations + row + labels.endpointIndex(endpoint))
    },
    block(model, severity, endpoint) {
      const row = labels.modelIndex(model, severity) * width
      bump(at.blocks + row + labels.endpointIndex(endpoint))
    },
    bypassedStatement(model, severity) {
      bump(at.bypassed + labels.modelIndex(model, severity))
    },
    bypassUse(reason) {
      bump(at.bypasses + labels.reasonIndex(reason))
    },
    overhead(durationMs) {
      bump(at.overhead + bucketOf(durationMs))
      // One value that is no number would spoil the sum for ever.
      if (durationMs >= 0 && durationMs < Number.POSITIVE_INFINITY) bump(overheadSum, durationMs)
    },
  }
}

/** What a plain counter stands at in `values`, which may be a difference. */
export function plainCount(values: Float64Array, counter: PlainCounter): number {
  return values[plainCounters.indexOf(counter)] ?? 0
}

/** Sum over `length` cells from `start`. */
export function sumCells(values: Float64Array, start: number, length: number): number {
  let sum = 0
  for (let index = start; index < start + length; index += 1) sum += values[index] ?? 0
  return sum
}

function layoutOf(labels: LabelSet): CellLayout {
  const models = labels.models.length
  const cube = models * labels.endpoints.length
  const overhead = plainCounters.length
  const violations = overhead + overheadBoundsMs.length + 1
  const blocks = violations + cube
  const bypassed = blocks + cube
  const bypasses = bypassed + models
  return {
    overhead,
    violations,
    blocks,
    bypassed,
    bypasses,
    size: bypasses + labels.reasons.length,
  }
}
