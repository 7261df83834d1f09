import type { Bucket, Slice } from './buckets.ts'
import { type Counts, noCounts, sum } from './counts.ts'
import type { Fleet, FleetMember } from './fleet.ts'
import type { GenerationRecord, KillSwitchRecord, Ruling } from './records.ts'
import type { Stage } from './stage.ts'

const hourMs = 3_600_000

/** Everything a gate may ask about, gathered at one moment. */
export interface Evidence {
  /** The rollout's clock. */
  readonly now: number
  readonly stage: Stage
  readonly generation: GenerationRecord
  readonly killSwitch: KillSwitchRecord
  readonly fleet: Fleet
  readonly rulings: ReadonlyMap<string, Ruling>
}

/** What was counted in a span, and how much of that span was watched. */
export interface Window {
  readonly counts: Counts
  readonly spanMs: number
}

/** The latest of stage entry, generation change and deployment; absent while one is going on. */
export function countingSince({ generation, fleet }: Evidence): number | undefined {
  if (fleet.deployedAt === undefined) return undefined
  return Math.max(generation.stageEnteredAt, generation.at, fleet.deployedAt)
}

/** Everything since counting began. */
export function wholeWindow(evidence: Evidence): Window {
  return windowOf(evidence, () => true)
}

/** The last 24 hours of it, so that what comes late is not diluted by what came before. */
export function dayWindow(evidence: Evidence): Window {
  return windowOf(evidence, isOfLastDay(evidence))
}

/** The same day, hour by hour. */
export function hoursOfDay(evidence: Evidence): readonly Counts[] {
  const hours = new Map<number, Counts>()
  for (const { bucket } of countedBuckets(evidence).filter(({ bucket }) =>
    isOfLastDay(evidence)(bucket),
  )) {
    hours.set(bucket.start, sum(hours.get(bucket.start) ?? noCounts, bucket.counts))
  }
  return [...hours.values()]
}

/** The newest requests of the fleet, at least `samples` of them where there are so many. */
export function trailingSample(
  evidence: Evidence,
  samples: number,
): Pick<Slice, 'operations' | 'blocked' | 'failed'> & { readonly spanMs: number } {
  const since = countingSince(evidence) ?? Number.NEGATIVE_INFINITY
  const newest = countedMembers(evidence)
    .flatMap(({ report }) => report.slices)
    .filter((slice) => slice.generation === evidence.generation.number && slice.to >= since)
    .sort((one, other) => other.to - one.to)
  let enough = 0
  let from = evidence.now
  for (const slice of newest) {
    if (enough >= samples) break
    enough += slice.operations
    from = Math.min(from, slice.from)
  }
  // What the other instances did meanwhile belongs to the same window.
  const window = newest.filter(({ to }) => to >= from)
  const total = (of: (slice: Slice) => number): number =>
    window.reduce((sum, slice) => sum + of(slice), 0)
  return {
    operations: total(({ operations }) => operations),
    blocked: total(({ blocked }) => blocked),
    failed: total(({ failed }) => failed),
    spanMs: Math.max(0, evidence.now - from),
  }
}

/** The instances that are expected and have nothing that satisfies `test` in the counting span. */
export function instancesWithout(
  evidence: Evidence,
  test: (counts: Counts) => boolean,
): readonly string[] {
  const buckets = countedBuckets(evidence)
  return evidence.generation.instances.filter(
    (instance) => !buckets.some((each) => each.instance === instance && test(each.bucket.counts)),
  )
}

function isOfLastDay({ now }: Evidence): (bucket: Bucket) => boolean {
  const first = Math.floor(now / hourMs) * hourMs - 24 * hourMs
  return (bucket) => bucket.start >= first
}

function windowOf(evidence: Evidence, includes: (bucket: Bucket) => boolean): Window {
  const buckets = countedBuckets(evidence).filter(({ bucket }) => includes(bucket))
  let counts = noCounts
  const watched = new Map(evidence.generation.instances.map((instance) => [instance, 0]))
  for (const { instance, bucket } of buckets) {
    counts = sum(counts, bucket.counts)
    const before = watched.get(instance)
    if (before !== undefined) watched.set(instance, before + bucket.observedMs)
  }
  const since = countingSince(evidence)
  const elapsed = since === undefined ? 0 : Math.max(0, evidence.now - since)
  return { counts, spanMs: Math.min(elapsed, ...watched.values()) }
}

function countedBuckets(
  evidence: Evidence,
): readonly { readonly instance: string; readonly bucket: Bucket }[] {
  const since = countingSince(evidence) ?? Number.NEGATIVE_INFINITY
  return countedMembers(evidence).flatMap(({ report }) =>
    report.buckets
      .filter((bucket) => bucket.generation === evidence.generation.number && bucket.to >= since)
      .map((bucket) => ({ instance: report.instance, bucket })),
  )
}

/** The processes of the release; while one is being deployed, all of them: red must show even then. */
function countedMembers({ fleet }: Evidence): readonly FleetMember[] {
  if (fleet.deployedAt === undefined) return fleet.members
  return fleet.members.filter(({ report }) => report.release === fleet.release)
}
