import type { ObservationTotals } from '@partywall/context/spi'

/** Violations, blocks and bypasses of one model. */
export type ModelCounts = readonly [violations: number, blocks: number, bypasses: number]

/** What was counted in some span: the difference of two totals, or a sum of such differences. */
export interface Counts {
  readonly guarded: number
  readonly operations: number
  readonly operationsBlocked: number
  readonly operationsFailed: number
  /** Blocked statements outside of any operation. */
  readonly blocksOutside: number
  readonly guardFaults: number
  /** Observations that never arrived: whatever else is counted is at least so much too low. */
  readonly lost: number
  readonly unlistedBlocks: number
  /** By upper bound in milliseconds; `Infinity` is spelled `rest`. */
  readonly overhead: Readonly<Record<string, number>>
  readonly models: Readonly<Record<string, ModelCounts>>
  readonly bypasses: Readonly<Record<string, number>>
  /** Blocks by signature. */
  readonly signatures: Readonly<Record<string, number>>
}

export const noCounts: Counts = Object.freeze({
  guarded: 0,
  operations: 0,
  operationsBlocked: 0,
  operationsFailed: 0,
  blocksOutside: 0,
  guardFaults: 0,
  lost: 0,
  unlistedBlocks: 0,
  overhead: {},
  models: {},
  bypasses: {},
  signatures: {},
})

/** The totals of a process as counts since its start. */
export function countsOf(totals: ObservationTotals): Counts {
  const { boundsMs, counts } = totals.overhead
  const overhead: Record<string, number> = {}
  for (const [index, count] of counts.entries()) {
    if (count > 0) overhead[boundsMs[index] ?? 'rest'] = count
  }
  const models: Record<string, ModelCounts> = {}
  for (const [model, { violations, blocks, bypasses }] of Object.entries(totals.models)) {
    if (violations + blocks + bypasses > 0) models[model] = [violations, blocks, bypasses]
  }
  return {
    guarded: totals.guarded,
    operations: totals.operations,
    operationsBlocked: totals.operationsBlocked,
    operationsFailed: totals.operationsFailed,
    blocksOutside: totals.blocksOutside,
    guardFaults: totals.guardFaults,
    lost: totals.lost,
    unlistedBlocks: totals.unlistedBlocks,
    overhead,
    models,
    bypasses: withoutZeros(totals.bypasses),
    signatures: withoutZeros(
      Object.fromEntries(
        Object.entries(totals.blockedSignatures).map(([id, { blocks }]) => [id, blocks]),
      ),
    ),
  }
}

/** What was counted from `earlier` to `later`. Counters only grow; one that shrank counts nothing. */
export function difference(later: Counts, earlier: Counts): Counts {
  return combine(later, earlier, (one, other) => Math.max(0, one - other))
}

export function sum(one: Counts, other: Counts): Counts {
  return combine(one, other, (left, right) => left + right)
}

/** Whether anything was counted at all. */
export function isNothing(counts: Counts): boolean {
  const { guarded, operations, blocksOutside, guardFaults, lost, unlistedBlocks } = counts
  const { models, bypasses, signatures } = counts
  return (
    guarded + operations + blocksOutside + guardFaults + lost + unlistedBlocks === 0 &&
    [models, bypasses, signatures].every((record) => Object.keys(record).length === 0)
  )
}

type Arithmetic = (one: number, other: number) => number

function combine(one: Counts, other: Counts, of: Arithmetic): Counts {
  const models: Record<string, ModelCounts> = {}
  for (const model of new Set([...Object.keys(one.models), ...Object.keys(other.models)])) {
    const [v1 = 0, b1 = 0, p1 = 0] = one.models[model] ?? []
    const [v2 = 0, b2 = 0, p2 = 0] = other.models[model] ?? []
    const counts: ModelCounts = [of(v1, v2), of(b1, b2), of(p1, p2)]
    if (counts.some((count) => count > 0)) models[model] = counts
  }
  return {
    guarded: of(one.guarded, other.guarded),
    operations: of(one.operations, other.operations),
    operationsBlocked: of(one.operationsBlocked, other.operationsBlocked),
    operationsFailed: of(one.operationsFailed, other.operationsFailed),
    blocksOutside: of(one.blocksOutside, other.blocksOutside),
    guardFaults: of(one.guardFaults, other.guardFaults),
    lost: of(one.lost, other.lost),
    unlistedBlocks: of(one.unlistedBlocks, other.unlistedBlocks),
    overhead: combineRecords(one.overhead, other.overhead, of),
    models,
    bypasses: combineRecords(one.bypasses, other.bypasses, of),
    signatures: combineRecords(one.signatures, other.signatures, of),
  }
}

function combineRecords(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
  of: Arithmetic,
): Readonly<Record<string, number>> {
  const result: Record<string, number> = {}
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    result[key] = of(one[key] ?? 0, other[key] ?? 0)
  }
  return withoutZeros(result)
}

function withoutZeros(record: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(record).filter(([, count]) => count > 0))
}
