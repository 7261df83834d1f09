import type { DurationHistogram, Severity } from '@partywall/context/spi'
import { severities } from '@partywall/context/spi'
import { type DayAggregate, dayMs, type SlotCounts, slotMs } from './day-aggregate.ts'

/** Violations and blocks of one model at one endpoint. */
export interface PairCount {
  readonly model: string
  readonly severity: Severity
  readonly endpoint: string
  readonly violations: number
  readonly blocks: number
}

/** What every instance together counted in a span. */
export interface SpanTotals {
  /** Processes that counted anything: 0 means that there is no data, not that there was no violation. */
  readonly processes: number
  readonly guarded: number
  readonly operations: number
  readonly operationsBlocked: number
  readonly operationsFailed: number
  /** Blocked statements outside of any operation. */
  readonly blocksOutside: number
  readonly guardFaults: number
  readonly lost: number
  readonly violations: number
  readonly blocks: number
  readonly overhead: DurationHistogram
  /** The most severe first, then the most frequent. */
  readonly pairs: readonly PairCount[]
  readonly bypasses: Readonly<Record<string, number>>
}

/** Sums the slots that begin at or after `fromMs` and before `toMs`. */
export function sumSpan(
  aggregates: readonly DayAggregate[],
  fromMs: number,
  toMs: number,
): SpanTotals {
  const plain = { guarded: 0, operations: 0, operationsBlocked: 0, operationsFailed: 0 }
  const faults = { blocksOutside: 0, guardFaults: 0, lost: 0 }
  const pairs = new Map<string, { -readonly [Key in keyof PairCount]: PairCount[Key] }>()
  const bypasses = new Map<string, number>()
  let overhead: DurationHistogram = { boundsMs: [], counts: [] }
  const processes = new Set<string>()
  for (const aggregate of aggregates) {
    let seen = false
    for (const slot of slotsBetween(aggregate, fromMs, toMs)) {
      seen = true
      plain.guarded += slot.guarded
      plain.operations += slot.requests + slot.jobs
      plain.operationsBlocked += slot.requestsBlocked + slot.jobsBlocked
      plain.operationsFailed += slot.requestsFailed + slot.jobsFailed
      faults.blocksOutside += slot.blocksOutside
      faults.guardFaults += slot.guardFaults
      faults.lost += slot.lost
      overhead = addHistogram(overhead, aggregate.boundsMs, slot.overhead)
      for (const kind of ['violations', 'blocks'] as const) {
        for (const [model, endpoints] of Object.entries(slot[kind])) {
          const severity = severityOf(aggregate, model)
          for (const [endpoint, count] of Object.entries(endpoints)) {
            const key = JSON.stringify([model, severity, endpoint])
            const pair = pairs.get(key) ?? { model, severity, endpoint, violations: 0, blocks: 0 }
            pair[kind] += count
            pairs.set(key, pair)
          }
        }
      }
      for (const [reason, uses] of Object.entries(slot.bypasses)) {
        bypasses.set(reason, (bypasses.get(reason) ?? 0) + uses)
      }
    }
    if (seen) processes.add(`${aggregate.run} ${aggregate.instance}`)
  }
  const sorted = [...pairs.values()].sort(
    (a, b) => rank(a.severity) - rank(b.severity) || b.violations - a.violations || order(a, b),
  )
  return {
    processes: processes.size,
    ...plain,
    ...faults,
    violations: sum(sorted, 'violations'),
    blocks: sum(sorted, 'blocks'),
    overhead,
    pairs: sorted,
    bypasses: Object.fromEntries(bypasses),
  }
}

/** Sums pairs by one of their names, the greatest first. */
export function countBy(
  pairs: readonly PairCount[],
  name: 'model' | 'endpoint',
  kind: 'violations' | 'blocks',
): readonly { readonly name: string; readonly count: number }[] {
  const sums = new Map<string, number>()
  for (const pair of pairs) {
    if (pair[kind] > 0) sums.set(pair[name], (sums.get(pair[name]) ?? 0) + pair[kind])
  }
  return Array.from(sums, ([key, count]) => ({ name: key, count })).sort(
    (a, b) => b.count - a.count || (a.name < b.name ? -1 : 1),
  )
}

/** A model without a severity counts as the gravest; one may be called `toString`. */
function severityOf({ severities: known }: DayAggregate, model: string): Severity {
  return (Object.hasOwn(known, model) ? known[model] : undefined) ?? 'CRITICAL'
}

function* slotsBetween(
  { day, slots }: DayAggregate,
  fromMs: number,
  toMs: number,
): Generator<SlotCounts> {
  const startMs = Date.parse(day)
  if (startMs + dayMs <= fromMs || startMs >= toMs) return
  for (const [slot, counts] of Object.entries(slots)) {
    const at = startMs + Number(slot) * slotMs
    if (at >= fromMs && at < toMs) yield counts
  }
}

/** Histograms of another version, with other bounds, cannot be added and are left out. */
function addHistogram(
  sum: DurationHistogram,
  boundsMs: readonly number[],
  counts: readonly number[],
): DurationHistogram {
  if (sum.counts.length === 0) return { boundsMs, counts }
  if (sum.boundsMs.join() !== boundsMs.join()) return sum
  return { boundsMs, counts: sum.counts.map((count, index) => count + (counts[index] ?? 0)) }
}

function sum(pairs: readonly PairCount[], kind: 'violations' | 'blocks'): number {
  return pairs.reduce((total, pair) => total + pair[kind], 0)
}

function rank(severity: Severity): number {
  return severities.indexOf(severity)
}

function order(a: PairCount, b: PairCount): number {
  return `${a.model} ${a.endpoint}` < `${b.model} ${b.endpoint}` ? -1 : 1
}
