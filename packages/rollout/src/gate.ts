import type { GateResult } from './check.ts'
import type { Verdict } from './verdict.ts'

/** What can be measured of a fleet. Each is one function in `measures.ts`. */
export const measures = [
  'dwell',
  'coverage',
  'own_settings',
  'closed_instances',
  'guarded_instances',
  'always_instances',
  'guard_faults',
  'overhead_p95',
  'operations',
  'violation_rate',
  'unenforced_violation_rate',
  'critical_violations',
  'critical_blocks',
  'blocked_share',
  'failed_share_rise',
  'open_signatures',
  'false_positives',
  'bypasses_per_day',
  'bypasses_in_an_hour',
] as const
export type MeasureName = (typeof measures)[number]

/** One question about a fleet, with the numbers that answer it: data, printed as it is. */
export interface Gate {
  /** Unique within its stage. */
  readonly gate: string
  readonly title: string
  readonly measure: MeasureName
  readonly unit: GateResult['unit']
  /** Green takes a value that is in this relation to `limit`. */
  readonly relation: '<' | '<=' | '>='
  readonly limit: number
  /** Beyond this value the gate is red; without it, `missed` says what a miss is. */
  readonly redAbove?: number
  /** @defaultValue `'amber'` */
  readonly missed?: Exclude<Verdict, 'green'>
  /** Fewer requests or statements than this say nothing. */
  readonly samples?: number
  /** A shorter span than this says nothing, unless the gate is missed already. */
  readonly spanMs?: number
}

/** What a measure found: no value where there is nothing to measure. */
export interface Measurement {
  readonly value: number | undefined
  readonly samples: number
  readonly spanMs: number
  /** Why the value, though there is one, proves nothing. */
  readonly doubt?: string | undefined
  /** What to say beside a gate that is not green. */
  readonly note?: string | undefined
}

/** Answers a gate from what was measured. Adding a violation never makes the answer greener. */
export function answer(gate: Gate, found: Measurement): GateResult {
  const { value, samples, spanMs } = found
  const { verdict, note } = judge(gate, found)
  return Object.freeze({
    gate: gate.gate,
    title: gate.title,
    ...(value === undefined ? {} : { value }),
    unit: gate.unit,
    threshold: `${gate.relation} ${gate.limit}`,
    samples,
    spanMs,
    verdict,
    ...(note === undefined ? {} : { note }),
  })
}

function judge(gate: Gate, found: Measurement): { verdict: Verdict; note?: string | undefined } {
  const { value, samples, spanMs, doubt, note } = found
  if (value === undefined || Number.isNaN(value)) {
    return { verdict: 'inconclusive', note: doubt ?? note ?? 'nothing was measured' }
  }
  if (gate.samples !== undefined && samples < gate.samples) {
    return { verdict: 'inconclusive', note: `${samples} samples of at least ${gate.samples}` }
  }
  if (gate.redAbove !== undefined && value > gate.redAbove) return { verdict: 'red', note }
  const missed = !holds(gate, value)
  // A count that is too high already does not come down with time.
  if (missed && gate.missed === 'red') return { verdict: 'red', note }
  if (doubt !== undefined) return { verdict: 'inconclusive', note: doubt }
  if (gate.spanMs !== undefined && spanMs < gate.spanMs) {
    const hours = gate.spanMs / 3_600_000
    return { verdict: 'inconclusive', note: `measured for less than ${hours} h` }
  }
  return missed ? { verdict: gate.missed ?? 'amber', note } : { verdict: 'green' }
}

function holds({ relation, limit }: Gate, value: number): boolean {
  if (relation === '<') return value < limit
  return relation === '<=' ? value <= limit : value >= limit
}
