import type { Gate } from './gate.ts'

/** Shares are measured over at least so many requests (D15). */
export const sampleOfPercent = 1_000
export const sampleOfBasisPoint = 10_000
/** Fewer statements say nothing about a 95th percentile. */
const sampleOfP95 = 100

export function dwell(days: number): Gate {
  return {
    gate: 'dwell',
    title: 'days in this stage',
    measure: 'dwell',
    unit: 'days',
    relation: '>=',
    limit: days,
  }
}

/** What has to hold in every stage, or nothing else that was measured means anything. */
export const everywhere: readonly Gate[] = [
  {
    gate: 'coverage',
    title: 'instances that do not report what is expected, or are not expected',
    measure: 'coverage',
    unit: 'instances',
    relation: '<=',
    limit: 0,
    missed: 'inconclusive',
  },
  {
    gate: 'own_settings',
    title: 'differences from the settings of this stage',
    measure: 'own_settings',
    unit: 'count',
    relation: '<=',
    limit: 0,
  },
  {
    gate: 'kill_switch',
    title: 'instances whose kill switch is on',
    measure: 'closed_instances',
    unit: 'instances',
    relation: '<=',
    limit: 0,
  },
  {
    gate: 'guarded',
    title: 'expected instances without a guarded statement in 24 h',
    measure: 'guarded_instances',
    unit: 'instances',
    relation: '<=',
    limit: 0,
    missed: 'inconclusive',
  },
  {
    gate: 'guard_faults',
    title: 'faults of a wall itself',
    measure: 'guard_faults',
    unit: 'count',
    relation: '<=',
    limit: 0,
    missed: 'red',
  },
  {
    gate: 'overhead',
    title: 'time that walls add, 95th percentile',
    measure: 'overhead_p95',
    unit: 'ms',
    relation: '<=',
    limit: 5,
    redAbove: 10,
    samples: sampleOfP95,
  },
]

/** A request that failed without a block, more often than before anything was watched (D14). */
export const failedShare: Gate = {
  gate: 'user_facing_errors',
  title: 'rise of the share of failed requests since stage 0',
  measure: 'failed_share_rise',
  unit: 'share',
  relation: '<=',
  limit: 0.001,
  missed: 'red',
  samples: sampleOfPercent,
}

export const falsePositives: Gate = {
  gate: 'false_positives',
  title: 'blocked signatures triaged as false positive',
  measure: 'false_positives',
  unit: 'count',
  relation: '<=',
  limit: 0,
  missed: 'red',
}

export const openSignatures: Gate = {
  gate: 'triage',
  title: 'blocked signatures that nobody has triaged',
  measure: 'open_signatures',
  unit: 'count',
  relation: '<=',
  limit: 0,
  missed: 'inconclusive',
}

export function blockedShare(limit: number, samples: number): Gate {
  return {
    gate: samples === sampleOfPercent ? 'blocked_share' : 'blocked_share_long',
    title: 'requests with a blocked query',
    measure: 'blocked_share',
    unit: 'share',
    relation: '<',
    limit,
    redAbove: 0.01,
    samples,
  }
}

/** The gates of line 140: what calls for an instant rollback. */
export const instantRollbackGates: readonly Gate[] = [
  blockedShare(0.01, sampleOfPercent),
  failedShare,
  falsePositives,
]
