import { unknownModel } from '@partywall/context/spi'
import type { Counts } from './counts.ts'
import {
  countingSince,
  dayWindow,
  type Evidence,
  hoursOfDay,
  instancesWithout,
  trailingSample,
  type Window,
  wholeWindow,
} from './evidence.ts'
import type { Gate, Measurement, MeasureName } from './gate.ts'
import { settingsDifferences } from './own-settings.ts'
import { isEnforced, modeInForce } from './settings.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

type Measure = (evidence: Evidence, gate: Gate) => Measurement

/** Every measure, as a pure function of the evidence. */
export const measureOf: Readonly<Record<MeasureName, Measure>> = {
  dwell({ now, generation }) {
    const spanMs = now - generation.stageEnteredAt
    return { value: spanMs / dayMs, samples: 0, spanMs, note: 'the stage is not over yet' }
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
    const live = fleet.members.filter(({ state }) => state === 'live')
    const closed = live.filter(({ report }) => report.killSwitch === 'on').length
    const value = killSwitch.killSwitch === 'on' ? Math.max(closed, 1) : closed
    const note = 'only the default tenant is served, so nothing is proven about the others'
    return { value, samples: generation.instances.length, spanMs: 0, note }
  },
  guarded_instances(evidence) {
    const without = instancesWithout(evidence, ({ guarded }) => guarded > 0)
    const { counts, spanMs } = wholeWindow(evidence)
    const note = `no statement went through a wall on ${without.join(', ')}`
    return { value: without.length, samples: counts.guarded, spanMs, note, doubt: doubt(evidence) }
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
    return { ...percentile(counts.overhead), spanMs, doubt: doubt(evidence) }
  },
  operations: (evidence) => counted(evidence, wholeWindow(evidence), (it) => it.operations),
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
    return { ...share(found.blocked, found), doubt: doubt(evidence) }
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
    return { ...measured, value, doubt: doubt(evidence) }
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
      doubt: doubt(evidence),
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

/** Why a value proves nothing yet, whatever it is. */
function doubt(evidence: Evidence): string | undefined {
  const since = countingSince(evidence)
  if (since === undefined) return 'a deployment is going on'
  if (evidence.now < since) return 'the clock is behind the record'
  return wholeWindow(evidence).counts.operations === 0 ? 'there was no request yet' : undefined
}

function counted(
  evidence: Evidence,
  { counts, spanMs }: Window,
  of: (counts: Counts) => number,
): Measurement {
  return { value: of(counts), samples: counts.operations, spanMs, doubt: doubt(evidence) }
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
