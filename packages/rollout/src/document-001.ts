import type { Gate } from './gate.ts'
import type { Stage, StagePlan } from './stage.ts'

const hour = 3_600_000
const day = 24 * hour

/** Shares are measured over at least so many requests (D15). */
const sampleOfPercent = 1_000
const sampleOfBasisPoint = 10_000
/** Fewer statements say nothing about a 95th percentile. */
const sampleOfP95 = 100

function dwell(days: number): Gate {
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
const everywhere: readonly Gate[] = [
  {
    gate: 'coverage',
    title: 'expected instances that do not report, or report something else',
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
    gate: 'guarded',
    title: 'expected instances without a statement through a wall',
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
const failedShare: Gate = {
  gate: 'user_facing_errors',
  title: 'rise of the share of failed requests since stage 0',
  measure: 'failed_share_rise',
  unit: 'share',
  relation: '<=',
  limit: 0.001,
  missed: 'red',
  samples: sampleOfPercent,
}

const falsePositives: Gate = {
  gate: 'false_positives',
  title: 'blocked signatures triaged as false positive',
  measure: 'false_positives',
  unit: 'count',
  relation: '<=',
  limit: 0,
  missed: 'red',
}

const openSignatures: Gate = {
  gate: 'triage',
  title: 'blocked signatures that nobody has triaged',
  measure: 'open_signatures',
  unit: 'count',
  relation: '<=',
  limit: 0,
  missed: 'inconclusive',
}

function blockedShare(limit: number, samples: number): Gate {
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

const stages: readonly Stage[] = [
  {
    number: 0,
    name: 'prepared',
    title: 'Preparation',
    entry: ['the walls are in the code of every instance'],
    enabled: false,
    mode: 'disabled',
    enforceModels: 'none',
    logModels: 'none',
    always: false,
    gates: [
      dwell(2),
      ...everywhere,
      {
        gate: 'baseline',
        title: 'requests to compare later failures with',
        measure: 'operations',
        unit: 'count',
        relation: '>=',
        limit: sampleOfPercent,
        missed: 'inconclusive',
      },
    ],
  },
  {
    number: 1,
    name: 'detection',
    title: 'Detection (logging only)',
    entry: ['stage 0 was left on green'],
    enabled: true,
    mode: 'log_only',
    enforceModels: 'none',
    logModels: 'none',
    always: false,
    gates: [
      dwell(8),
      ...everywhere,
      {
        gate: 'violation_rate',
        title: 'violations',
        measure: 'violation_rate',
        unit: 'per_hour',
        relation: '<',
        limit: 10,
        spanMs: hour,
      },
      {
        gate: 'critical_violations',
        title: 'violations on CRITICAL models',
        measure: 'critical_violations',
        unit: 'count',
        relation: '<=',
        limit: 0,
        missed: 'red',
      },
      failedShare,
    ],
  },
  {
    number: 2,
    name: 'selective',
    title: 'Selective enforcement (CRITICAL models)',
    entry: ['stage 1 was left on green', 'every CRITICAL violation is fixed'],
    enabled: true,
    mode: 'selective',
    enforceModels: { severity: 'CRITICAL' },
    logModels: { below: 'CRITICAL' },
    always: false,
    gates: [
      dwell(6),
      ...everywhere,
      {
        gate: 'critical_blocks',
        title: 'blocked queries on CRITICAL models',
        measure: 'critical_blocks',
        unit: 'count',
        relation: '<=',
        limit: 0,
        missed: 'red',
      },
      {
        gate: 'logged_violation_rate',
        title: 'violations on models that are not enforced',
        measure: 'unenforced_violation_rate',
        unit: 'per_hour',
        relation: '<',
        limit: 5,
        spanMs: hour,
      },
      blockedShare(0.001, sampleOfPercent),
      failedShare,
      openSignatures,
      falsePositives,
    ],
  },
  {
    number: 3,
    name: 'full',
    title: 'Full enforcement',
    entry: ['stage 2 was left on green', 'every violation on the other models is fixed'],
    enabled: true,
    mode: 'enforce',
    enforceModels: 'all',
    logModels: 'none',
    always: false,
    gates: [
      dwell(12),
      ...everywhere,
      blockedShare(0.01, sampleOfPercent),
      blockedShare(0.0001, sampleOfBasisPoint),
      failedShare,
      openSignatures,
      falsePositives,
      {
        gate: 'bypasses_per_day',
        title: 'bypasses in the last 24 h',
        measure: 'bypasses_per_day',
        unit: 'per_day',
        relation: '<',
        limit: 5,
        spanMs: day,
      },
      {
        gate: 'bypasses_in_an_hour',
        title: 'bypasses in the worst of the last 24 hours',
        measure: 'bypasses_in_an_hour',
        unit: 'per_hour',
        relation: '<=',
        limit: 5,
      },
    ],
  },
  {
    number: 4,
    name: 'hardened',
    title: 'Hardening (always on)',
    entry: ['stage 3 was left on green', 'a release whose code says always'],
    enabled: true,
    mode: 'enforce',
    enforceModels: 'all',
    logModels: 'none',
    always: true,
    gates: [
      ...everywhere,
      {
        gate: 'always_on',
        title: 'expected instances whose code still reads flags',
        measure: 'always_instances',
        unit: 'instances',
        relation: '<=',
        limit: 0,
      },
      failedShare,
      openSignatures,
      falsePositives,
    ],
  },
]

/** Document 001: the safe rollout of tenant enforcement, in five phases. */
export const document001: StagePlan = deepFreeze({
  id: '001',
  title: 'Safe rollout of tenant enforcement',
  stages,
})

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) deepFreeze(each)
    Object.freeze(value)
  }
  return value
}
