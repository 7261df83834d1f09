import { unknownModel } from '@partywall/context/spi'
import type { Counts } from './counts.ts'
import {
  closedProcesses,
  countingSince,
  dayWindow,
  type Evidence,
  hoursOfDay,
  instancesWithout,
  lostBy,
  trailingSample,
  uncleanEnds,
  type Window,
  watchedOfStage,
  wholeWindow,
} from './evidence.ts'
import type { Gate, Measurement, MeasureName } from './gate.ts'
import { settingsDifferences } from './own-settings.ts'
import { isEnforced, modeInForce } from './settings.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** A stage of so many days is over once most of them were watched; restarts take some time. */
const watchedShare = 0.9
/** Reports of ended processes are kept for little longer, so no more can be asked for. */
const rememberedDays = 30

type Measure = (evidence: Evidence, gate: Gate) => Measurement

/** Every measure, as a pure function of the evidence. */
export const measureOf: Readonly<Record<MeasureName, Measure>> = {
  dwell(evidence, { limit }) {
    const spanMs = evidence.now - evidence.generation.stageEnteredAt
    const value = spanMs / dayMs
    const note = 'the stage is not over yet'
    // Days by a clock that jumped, or on which nothing ran, are days that nobody watched.
    const watchedDays = watchedOfStage(evidence) / dayMs
    const enough = Math.min(limit * watchedShare, rememberedDays)
    if (value < limit || watchedDays >= enough) return { value, samples: 0, spanMs, note }
    const doubt = `only ${watchedDays.toFixed(1)} days were watched, of at least ${enough.toFixed(1)}`
    return { value, samples: 0, spanMs, doubt }
  },
  coverage({ fleet, generation }) {
    const note = [...fleet.missing].map(([instance, why]) => `${instance}: ${why}`).join('; ')
    return { value: fleet.missing.size, samples: generation.instances.length, spanMs: 0, note }
  },
  own_settings(evidence) {
    const found = settingsDifferences(evidence)
    return { value: found.length, samples: 0, spanMs: 0, note: found.join('; ') }
  },
  closed_instances({ fleet, generation, killSwitch }) {
    const closed = closedProcesses(fleet)
    const value = killSwitch.killSwitch === 'on' ? Math.max(closed, 1) : closed
    const note = 'only the default tenant is served, so nothing is proven about the others'
    return { value, samples: generation.instances.length, spanMs: 0, note }
  },
  guarded_instances(evidence) {
    const without = instancesWithout(evidence, ({ guarded }) => guarded > 0)
    const { counts, spanMs } = dayWindow(evidence)
    const note = `no statement went through a wall in the last 24 h on ${without.join(', ')}`
    const why = doubt(evidence, counts)
    return { value: without.length, samples: counts.guarded, spanMs, note, doubt: why }
  },
  always_instances({ fleet, generation }) {
    const readers = generation.instances.filter(
      (instance) =>
        !fleet.members.some(
          ({ report, state }) => state === 'live' && report.instance === instance && report.always,
        ),
    )
    const note = `no always in the code of ${readers.join(', ')}`
    return { value: readers.length, samples: generation.instances.length, spanMs: 0, note }
  },
  guard_faults: (evidence) => counted(evidence, wholeWindow(evidence), (it) => it.guardFaults),
  overhead_p95(evidence) {
    const { counts, spanMs } = dayWindow(evidence)
    return { ...percentile(counts.overhead), spanMs, doubt: doubt(evidence, counts) }
  },
  operations(evidence) {
    const { counts, spanMs } = wholeWindow(evidence)
    const { operations } = counts
    return { value: operations, samples: operations, spanMs, doubt: doubt(evidence, counts) }
  },
  violation_rate: (evidence) => perHour(evidence, (counts) => violations(counts, () => true)),
  unenforced_violation_rate(evidence) {
    const { flags, latch } = evidence.generation
    const mode = modeInForce(flags, latch)
    return perHour(evidence, (counts) =>
      violations(counts, (model) => model !== unknownModel && !isEnforced(flags, mode, model)),
    )
  },
  critical_violations: (evidence) =>
    counted(evidence, wholeWindow(evidence), (counts) =>
      violations(counts, (model) => isCritical(evidence, model)),
    ),
  critical_blocks: (evidence) =>
    counted(evidence, wholeWindow(evidence), (counts) =>
      total(Object.entries(counts.models), ([model, [, blocks]]) =>
        isCritical(evidence, model) ? blocks : 0,
      ),
    ),
  blocked_share(evidence, { samples = 1 }) {
    const found = trailingSample(evidence, samples)
    return { ...share(found.blocked, found), doubt: doubt(evidence, found) ?? outsideDoubt(found) }
  },
  failed_share_rise(evidence, { samples = 1 }) {
    const { baseline } = evidence.generation
    const found = trailingSample(evidence, samples)
    if (baseline === undefined || baseline.operations === 0) {
      return { ...share(0, found), value: undefined, note: 'stage 0 left no share to compare with' }
    }
    const measured = share(found.failed, found)
    const usual = baseline.failed / baseline.operations
    const value = measured.value === undefined ? undefined : measured.value - usual
    return { ...measured, value, doubt: doubt(evidence, found) }
  },
  open_signatures(evidence) {
    const { counts, spanMs } = wholeWindow(evidence)
    const open = ruled(evidence, counts, 'open').length
    const unlisted = counts.unlistedBlocks > 0 ? 1 : 0
    const note = unlisted > 0 ? 'there were more signatures than could be listed' : undefined
    return {
      value: open + unlisted,
      samples: counts.operations,
      spanMs,
      note,
      doubt: countDoubt(evidence, counts),
    }
  },
  false_positives: (evidence) =>
    counted(evidence, wholeWindow(evidence), (it) => ruled(evidence, it, 'false_positive').length),
  bypasses_per_day: (evidence) => counted(evidence, dayWindow(evidence), bypasses),
  bypasses_in_an_hour(evidence) {
    const value = Math.max(0, ...hoursOfDay(evidence).map(bypasses))
    return { ...counted(evidence, dayWindow(evidence), bypasses), value }
  },
}

/** Why a value proves nothing yet, whatever it is: not even that of a window without a request. */
function doubt(
  evidence: Evidence,
  { operations }: { readonly operations: number },
): string | undefined {
  const since = countingSince(evidence)
  if (since === undefined) return 'a deployment is going on'
  if (evidence.now < since) return 'the clock is behind the record'
  if (operations === 0) return 'there was no request in its window'
  const lost = [...lostBy(evidence)].map(([instance, count]) => `${instance} lost ${count}`)
  return lost.length === 0 ? undefined : `not everything was observed: ${lost.join(', ')}`
}

/** Why a count proves nothing yet: beside the above, one that is missing its end may be too low. */
function countDoubt(evidence: Evidence, counts: Counts): string | undefined {
  const general = doubt(evidence, counts)
  if (general !== undefined) return general
  const ends = uncleanEnds(evidence).map(
    ({ instance, at }) => `${instance} ended without a last report at ${timeOf(at)}`,
  )
  if (ends.length === 0) return undefined
  return `${ends.join(', ')}: its last half second is not counted, so wait 24 h`
}

function outsideDoubt({ outside }: { readonly outside: number }): string | undefined {
  if (outside === 0) return undefined
  return `${outside} blocked statements belong to no request, so they are in no share`
}

function timeOf(at: number): string {
  // A report may say any number.
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : 'an unknown time'
}

function counted(
  evidence: Evidence,
  { counts, spanMs }: Window,
  of: (counts: Counts) => number,
): Measurement {
  return {
    value: of(counts),
    samples: counts.operations,
    spanMs,
    doubt: countDoubt(evidence, counts),
  }
}

function perHour(evidence: Evidence, of: (counts: Counts) => number): Measurement {
  const found = counted(evidence, dayWindow(evidence), of)
  const { value = 0, spanMs } = found
  return { ...found, value: spanMs === 0 ? undefined : (value * hourMs) / spanMs }
}

function share(
  part: number,
  { operations, spanMs }: { readonly operations: number; readonly spanMs: number },
): Measurement {
  return { value: operations === 0 ? undefined : part / operations, samples: operations, spanMs }
}

function violations(counts: Counts, of: (model: string) => boolean): number {
  return total(Object.entries(counts.models), ([model, [seen]]) => (of(model) ? seen : 0))
}

function bypasses(counts: Counts): number {
  return total(Object.values(counts.bypasses), (uses) => uses)
}

function isCritical({ generation }: Evidence, model: string): boolean {
  // What nobody declared may be anything.
  return (generation.models[model] ?? 'CRITICAL') === 'CRITICAL'
}

function ruled(
  { rulings }: Evidence,
  counts: Counts,
  ruling: 'open' | 'false_positive',
): readonly string[] {
  return Object.keys(counts.signatures).filter((id) => (rulings.get(id) ?? 'open') === ruling)
}

/** The smallest upper bound that 95 of 100 values keep; never less than the true percentile. */
function percentile(
  overhead: Readonly<Record<string, number>>,
): Pick<Measurement, 'value' | 'samples'> {
  const bounds = Object.entries(overhead)
    .map(([bound, count]) => [bound === 'rest' ? Number.POSITIVE_INFINITY : Number(bound), count])
    .sort(([one = 0], [other = 0]) => one - other)
  const samples = total(Object.values(overhead), (count) => count)
  let below = 0
  for (const [bound = 0, count = 0] of bounds) {
    below += count
    if (below >= samples * 0.95) return { value: bound, samples }
  }
  return { value: undefined, samples }
}

function total<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0)
}
