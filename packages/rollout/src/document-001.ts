import {
  blockedShare,
  dwell,
  everywhere,
  failedShare,
  falsePositives,
  openSignatures,
  sampleOfBasisPoint,
  sampleOfPercent,
} from './recurring-gates.ts'
import type { Stage, StagePlan } from './stage.ts'

const hour = 3_600_000
const day = 24 * hour

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
      blockedShare(0.01, sampleOfPercent),
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
