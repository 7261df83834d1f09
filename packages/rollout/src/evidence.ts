import type { Bucket, Slice } from './buckets.ts'
import { type Counts, noCounts, sum } from './counts.ts'
import type { Fleet, FleetMember } from './fleet.ts'
import type { FleetReport } from './fleet-report.ts'
import type { GenerationRecord, KillSwitchRecord, Ruling } from './records.ts'
import type { Stage } from './stage.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

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
): Pick<Slice, 'operations' | 'blocked' | 'failed' | 'outside'> & { readonly spanMs: number } {
  const since = countingSince(evidence) ?? Number.NEGATIVE_INFINITY
  const newest = countedMembers(evidence)
    .flatMap(({ report }) => report.slices)
    .filter((slice) => slice.generation === evidence.generation.hash && slice.to >= since)
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
    outside: total(({ outside }) => outside),
    spanMs: Math.max(0, evidence.now - from),
  }
}

/** The instances that are expected and have nothing that satisfies `test` in the last 24 hours. */
export function instancesWithout(
  evidence: Evidence,
  test: (counts: Counts) => boolean,
): readonly string[] {
  const buckets = countedBuckets(evidence).filter(({ bucket }) => isOfLastDay(evidence)(bucket))
  return evidence.generation.instances.filter(
    (instance) => !buckets.some((each) => each.instance === instance && test(each.bucket.counts)),
  )
}

/** Observations that never arrived since counting began, by instance. */
export function lostBy(evidence: Evidence): ReadonlyMap<string, number> {
  const lost = new Map<string, number>()
  for (const { instance, bucket } of countedBuckets(evidence)) {
    const { lost: more } = bucket.counts
    if (more > 0) lost.set(instance, (lost.get(instance) ?? 0) + more)
  }
  return lost
}

/**
 * Processes that ended without a last report in the last 24 hours of the counting span: up to half a
 * second of what they saw is in no count. It would show again within a day of the same traffic, and
 * so one crash never holds a rollout for longer.
 */
export function uncleanEnds(evidence: Evidence): readonly FleetReport[] {
  const since = Math.max(countingSince(evidence) ?? Number.NEGATIVE_INFINITY, evidence.now - dayMs)
  return countedMembers(evidence)
    .filter(({ state, report }) => state === 'ended' && report.endedAt === undefined)
    .map(({ report }) => report)
    .filter(({ at }) => at >= since)
}

/**
 * How much of the stage was watched, by the instance that watched most, whatever it ran and whether
 * it is expected now: it shows that the time passed.
 */
export function watchedOfStage({ generation, fleet }: Evidence): number {
  const { stageEnteredAt } = generation
  const watched = new Map<string, number>()
  for (const { report } of fleet.members) {
    for (const { observedMs, from, to } of report.buckets) {
      // One that began under the stage before is of that stage, but for what is left of it.
      const most = from >= stageEnteredAt ? observedMs : Math.max(0, to - stageEnteredAt)
      const before = watched.get(report.instance) ?? 0
      watched.set(report.instance, before + Math.min(observedMs, most))
    }
  }
  return Math.max(0, ...watched.values())
}

/** Whether tenancy is off, for all by the record or for one by a source of its own. */
export function isClosed({ fleet, killSwitch }: Evidence): boolean {
  return killSwitch.killSwitch === 'on' || closedProcesses(fleet) > 0
}

/** Live processes whose kill switch is on, whichever of their sources says so. */
export function closedProcesses({ members }: Fleet): number {
  return members.filter(({ state, report }) => state === 'live' && report.killSwitch === 'on')
    .length
}

/**
 * The same evidence without the requests that came while tenancy was off, and without those before:
 * whoever put it on again did so knowing them.
 */
export function withoutClosedTime(evidence: Evidence): Evidence {
  const { at } = evidence.killSwitch
  const members = evidence.fleet.members.map(({ state, report }) => ({
    state,
    report: {
      ...report,
      slices: report.slices.filter(({ closed, from }) => !closed && from >= at),
    },
  }))
  return { ...evidence, fleet: { ...evidence.fleet, members } }
}

function isOfLastDay({ now }: Evidence): (bucket: Bucket) => boolean {
  const first = Math.floor(now / hourMs) * hourMs - dayMs
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
      .filter((bucket) => bucket.generation === evidence.generation.hash && bucket.to >= since)
      .map((bucket) => ({ instance: report.instance, bucket })),
  )
}

/** The processes of the release; while one is being deployed, all of them: red must show even then. */
function countedMembers({ fleet }: Evidence): readonly FleetMember[] {
  if (fleet.deployedAt === undefined) return fleet.members
  return fleet.members.filter(({ report }) => report.release === fleet.release)
}
