import { type CounterCells, plainCount } from './counter-cells.ts'
import type { SlotCounts } from './day-aggregate.ts'
import { overheadBoundsMs } from './overhead-histogram.ts'

/** What `difference`, laid out like the cells, means by name; what `earlier` has is added to it. */
export function slotCountsOf(
  cells: CounterCells,
  difference: Float64Array,
  earlier?: SlotCounts,
): SlotCounts {
  const { at, labels } = cells
  const buckets = difference.slice(at.overhead, at.overhead + overheadBoundsMs.length + 1)
  const plain = (name: Parameters<typeof plainCount>[1] & keyof SlotCounts): number =>
    plainCount(difference, name) + Number(earlier?.[name] ?? 0)
  return {
    guarded: plain('guarded'),
    requests: plain('requests'),
    requestsBlocked: plain('requestsBlocked'),
    requestsFailed: plain('requestsFailed'),
    jobs: plain('jobs'),
    jobsBlocked: plain('jobsBlocked'),
    jobsFailed: plain('jobsFailed'),
    blocksOutside: plain('blocksOutside'),
    guardFaults: plain('guardFaults'),
    lost: plain('lost'),
    removed: plain('removed'),
    overhead: Array.from(buckets, (value, index) => value + (earlier?.overhead[index] ?? 0)),
    violations: cubeOf(cells, difference, at.violations, earlier?.violations),
    blocks: cubeOf(cells, difference, at.blocks, earlier?.blocks),
    bypasses: addRecord(
      labels.reasons,
      difference.subarray(at.bypasses, at.bypasses + labels.reasons.length),
      earlier?.bypasses,
    ),
  }
}

function cubeOf(
  { labels }: CounterCells,
  difference: Float64Array,
  start: number,
  earlier: SlotCounts['violations'] | undefined,
): SlotCounts['violations'] {
  const width = labels.endpoints.length
  // Without a prototype: an endpoint or a model may be called like one of its members.
  const cube: Record<string, Record<string, number>> = Object.create(null)
  for (const [row, { name }] of labels.models.entries()) {
    const from = start + row * width
    const counts = addRecord(
      labels.endpoints,
      difference.subarray(from, from + width),
      earlier?.[name],
    )
    if (Object.keys(counts).length > 0) cube[name] = counts
  }
  return cube
}

function addRecord(
  names: readonly string[],
  values: Float64Array,
  earlier: Readonly<Record<string, number>> = {},
): Record<string, number> {
  const sums: Record<string, number> = Object.assign(Object.create(null), earlier)
  for (const [index, name] of names.entries()) {
    const value = values[index] ?? 0
    if (value !== 0) sums[name] = (sums[name] ?? 0) + value
  }
  return sums
}
