import { type Counts, difference, isNothing, noCounts, sum } from './counts.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** Buckets younger than this stay hourly; older ones are merged by day. */
const hourlyMs = 48 * hourMs
/** Older days of one generation are merged further, so that a process never holds more. */
const mostDays = 60
/** A slice is closed at this size, and slices cover at least the largest sample of a gate. */
const sliceOperations = 250
const coveredOperations = 10_000

/** What one process counted in one hour, or one day, of one generation. */
export interface Bucket {
  /** The hash of its record: a number may come twice, where a backup was put back. */
  readonly generation: string
  /** The hour or the day it belongs to. */
  readonly start: number
  readonly lengthMs: number
  /** When something was first and last settled into it. */
  readonly from: number
  readonly to: number
  /** How much of the time was really watched: no jump of the clock, no time that was closed. */
  readonly observedMs: number
  readonly counts: Counts
}

/** A few hundred requests in a row: what shares over a trailing sample are made of. */
export interface Slice {
  readonly generation: string
  readonly from: number
  readonly to: number
  readonly operations: number
  readonly blocked: number
  readonly failed: number
  /** Blocked statements that belong to none of the operations. */
  readonly outside: number
  /** Whether tenancy was off, by whichever source: what fails then says nothing about the walls. */
  readonly closed: boolean
}

/** The moment of settling. */
export interface Moment {
  readonly now: number
  readonly generation: string
  /** What may have passed at most since the last time, whatever the clock says. */
  readonly passedMs: number
  /** Whether tenancy was off in any of it. */
  readonly closed: boolean
}

/** What a process has counted, in pieces that can be asked about a span. */
export interface BucketStore {
  /** Puts what was counted since the last time into the bucket of `now`. */
  settle(totals: Counts, moment: Moment): void
  buckets(): readonly Bucket[]
  slices(): readonly Slice[]
}

/** Keeps the differences of cumulative totals, bounded whatever the process lives through. */
export function createBucketStore(): BucketStore {
  let settled: Counts = noCounts
  let settledAt: number | undefined
  let buckets: readonly Bucket[] = []
  let slices: readonly Slice[] = []
  return {
    settle(totals, moment) {
      const { now, generation, passedMs, closed } = moment
      const counts = difference(totals, settled)
      const elapsed = settledAt === undefined ? 0 : now - settledAt
      settled = totals
      settledAt = now
      const began = now - Math.max(0, elapsed)
      // While only the default tenant is served, nothing is seen of the others.
      const watchedMs = closed ? 0 : Math.min(Math.max(0, elapsed), passedMs)
      const observedMs = Math.min(watchedMs, hourMs)
      // Time belongs to the hour in which it began, counts to the hour in which they were settled.
      const watched = { counts: noCounts, now: began, generation, observedMs }
      buckets = merged(
        added(added(buckets, watched), { counts, now, generation, observedMs: 0 }),
        now,
      )
      slices = extended(slices, counts, moment)
    },
    buckets: () => buckets,
    slices: () => slices,
  }
}

interface Settling {
  readonly counts: Counts
  readonly now: number
  readonly generation: string
  readonly observedMs: number
}

function added(
  buckets: readonly Bucket[],
  { counts, now, generation, observedMs }: Settling,
): readonly Bucket[] {
  const start = Math.floor(now / hourMs) * hourMs
  const same = (bucket: Bucket): boolean =>
    bucket.start === start && bucket.generation === generation && bucket.lengthMs === hourMs
  const open = buckets.find(same)
  const next: Bucket = {
    generation,
    start,
    lengthMs: hourMs,
    from: Math.min(open?.from ?? now, now),
    to: Math.max(open?.to ?? now, now),
    observedMs: (open?.observedMs ?? 0) + observedMs,
    counts:
      open === undefined || !isNothing(counts)
        ? sum(open?.counts ?? noCounts, counts)
        : open.counts,
  }
  return [...buckets.filter((bucket) => !same(bucket)), next]
}

function merged(buckets: readonly Bucket[], now: number): readonly Bucket[] {
  const isOld = ({ start, lengthMs }: Bucket): boolean =>
    lengthMs === hourMs && start + hourlyMs < now
  if (!buckets.some(isOld) && buckets.length <= mostDays + hourlyMs / hourMs) return buckets
  const days = new Map<string, Bucket>()
  const kept: Bucket[] = []
  for (const bucket of buckets) {
    if (bucket.lengthMs === hourMs && !isOld(bucket)) {
      kept.push(bucket)
      continue
    }
    const start = Math.floor(bucket.start / dayMs) * dayMs
    const key = `${start}:${bucket.generation}`
    const earlier = days.get(key)
    days.set(key, earlier ? join(earlier, bucket, start) : { ...bucket, start, lengthMs: dayMs })
  }
  const byAge = [...days.values()].sort((one, other) => one.start - other.start)
  return [...bounded(byAge), ...kept]
}

function join(one: Bucket, other: Bucket, start: number): Bucket {
  return {
    generation: one.generation,
    start,
    lengthMs: dayMs,
    from: Math.min(one.from, other.from),
    to: Math.max(one.to, other.to),
    observedMs: one.observedMs + other.observedMs,
    counts: sum(one.counts, other.counts),
  }
}

/** Merges the two oldest days of a generation until there are few enough. */
function bounded(days: readonly Bucket[]): readonly Bucket[] {
  if (days.length <= mostDays) return days
  const [oldest, ...rest] = days
  if (oldest === undefined) return days
  const index = rest.findIndex((day) => day.generation === oldest.generation)
  const partner = rest[index]
  // A generation of its own that far back is past every window.
  if (partner === undefined) return bounded(rest)
  return bounded(rest.with(index, join(oldest, partner, partner.start)))
}

function extended(
  slices: readonly Slice[],
  counts: Counts,
  { now, generation, closed }: Moment,
): readonly Slice[] {
  const { operations, operationsBlocked, operationsFailed, blocksOutside } = counts
  if (operations + operationsBlocked + operationsFailed + blocksOutside === 0) return slices
  const last = slices.at(-1)
  const open =
    last?.generation === generation && last.closed === closed && last.operations < sliceOperations
  const next: Slice = {
    generation,
    from: open ? Math.min(last.from, now) : now,
    to: open ? Math.max(last.to, now) : now,
    operations: (open ? last.operations : 0) + operations,
    blocked: (open ? last.blocked : 0) + operationsBlocked,
    failed: (open ? last.failed : 0) + operationsFailed,
    outside: (open ? last.outside : 0) + blocksOutside,
    closed,
  }
  const all = open ? [...slices.slice(0, -1), next] : [...slices, next]
  return covering(all)
}

/** Drops what is not needed to cover the largest sample. */
function covering(slices: readonly Slice[]): readonly Slice[] {
  let covered = 0
  let first = slices.length
  while (first > 0 && covered < coveredOperations) {
    first -= 1
    covered += slices[first]?.operations ?? 0
  }
  return slices.slice(first)
}
