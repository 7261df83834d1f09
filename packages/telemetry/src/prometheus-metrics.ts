import type { Metric, Registry } from 'prom-client'
import type { RecorderSeries } from './counter-series.ts'
import type { EnforcementStatus } from './enforcement-dashboard.ts'
import type { Recorder } from './recorder.ts'

export interface MetricOptions {
  /** Put before every name, such as `pulse_`. @defaultValue `''` */
  readonly prefix?: string | undefined
  /** What the rollout says about itself; without it the two gauges of models have no value. */
  readonly status?: (() => EnforcementStatus) | undefined
}

interface Sample {
  readonly value: number
  readonly labels: Readonly<Record<string, string | number>>
  readonly metricName?: string
}

type Reading = RecorderSeries & {
  readonly totals: ReturnType<Recorder['totals']>
  readonly status: EnforcementStatus | undefined
}

interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly aggregator: 'sum' | 'max'
  samples(reading: Reading, name: string): readonly Sample[]
}

/**
 * Registers the documented metrics. They are copied from the recorder when they are scraped:
 * counting never touches prom-client. Every series exists from the start, at 0.
 * @throws what prom-client throws when a name is already registered.
 */
export function registerMetrics(
  recorder: Recorder,
  register: Pick<Registry, 'registerMetric'>,
  { prefix = '', status }: MetricOptions = {},
): void {
  let current: Reading | undefined
  // A registry asks all metrics of a scrape in one turn: they share one reading.
  const read = (): Reading => {
    if (current === undefined) {
      current = { ...recorder.series(), totals: recorder.totals(), status: status?.() }
      queueMicrotask(() => {
        current = undefined
      })
    }
    return current
  }
  for (const family of families) {
    const metric = {
      name: prefix + family.name,
      help: family.help,
      type: family.type,
      aggregator: family.aggregator,
      // prom-client calls these two; it renames a counter where it writes OpenMetrics.
      async get() {
        const { name, help, type, aggregator } = metric
        return { name, help, type, aggregator, values: family.samples(read(), name) }
      },
      reset(): void {},
    }
    // A registry asks no more of a metric than what is here; its type names its own classes.
    register.registerMetric(metric as unknown as Metric<string>)
  }
}

const stageOfMode: Readonly<Record<string, number>> = {
  disabled: 0,
  log_only: 1,
  selective: 2,
  enforce: 3,
  always: 4,
}

const families: readonly Family[] = [
  {
    name: 'tenant_violations_total',
    help: 'Violations seen, whatever was done about them; bypasses excluded.',
    type: 'counter',
    aggregator: 'sum',
    samples: ({ models }) =>
      sumBy(
        models,
        ({ model, severity }) => ({ model, severity }),
        ({ violations }) => violations,
      ),
  },
  {
    name: 'tenant_violations_by_endpoint_total',
    help: 'The same violations by declared endpoint.',
    type: 'counter',
    aggregator: 'sum',
    samples: ({ models }) =>
      sumBy(
        models,
        ({ endpoint }) => ({ endpoint }),
        ({ violations }) => violations,
      ),
  },
  {
    name: 'tenant_enforcement_errors_total',
    help: 'Statements that were blocked.',
    type: 'counter',
    aggregator: 'sum',
    samples: ({ models }) =>
      sumBy(
        models,
        ({ model, endpoint }) => ({ model, endpoint }),
        ({ blocks }) => blocks,
      ),
  },
  {
    name: 'tenant_bypass_usage_total',
    help: 'Uses of a bypass: one system scope is one use.',
    type: 'counter',
    aggregator: 'sum',
    samples: ({ bypasses }) => bypasses.map(({ reason, uses }) => sample(uses, { reason })),
  },
  {
    name: 'tenant_requests_total',
    help: 'Requests and jobs that ended; refusals of the kill switch excluded.',
    type: 'counter',
    aggregator: 'sum',
    samples: ({ operations }) => operations.map(({ kind, finished }) => sample(finished, { kind })),
  },
  {
    name: 'tenant_requests_blocked_total',
    help: 'Of those, with at least one blocked statement.',
    type: 'counter',
    aggregator: 'sum',
    samples: ({ operations }) => operations.map(({ kind, blocked }) => sample(blocked, { kind })),
  },
  {
    name: 'tenant_requests_failed_total',
    help: 'Of those, failed though nothing was blocked.',
    type: 'counter',
    aggregator: 'sum',
    samples: ({ operations }) => operations.map(({ kind, failed }) => sample(failed, { kind })),
  },
  {
    name: 'tenant_blocks_outside_total',
    help: 'Blocked statements outside of any request or job: they are in no share.',
    type: 'counter',
    aggregator: 'sum',
    samples: ({ totals }) => [sample(totals.blocksOutside)],
  },
  {
    name: 'tenant_guard_faults_total',
    help: 'Faults of a wall itself.',
    type: 'counter',
    aggregator: 'sum',
    samples: ({ totals }) => [sample(totals.guardFaults)],
  },
  {
    name: 'tenant_telemetry_lost_total',
    help: 'Records that could not be written and subscribers that failed.',
    type: 'counter',
    aggregator: 'sum',
    samples: ({ totals }) => [sample(totals.lost)],
  },
  {
    name: 'tenant_records_removed_total',
    help: 'Records that the bound of the violation log took away.',
    type: 'counter',
    aggregator: 'sum',
    samples: ({ recordsRemoved }) => [sample(recordsRemoved)],
  },
  {
    name: 'tenant_middleware_duration_seconds',
    help: 'What the walls add to a statement.',
    type: 'histogram',
    aggregator: 'sum',
    samples: ({ totals, overheadSumMs }, name) => {
      const { boundsMs, counts } = totals.overhead
      let below = 0
      const buckets = counts.map((count, index) => {
        below += count
        const bound = boundsMs[index]
        const le = bound === undefined ? '+Inf' : bound / 1000
        return sample(below, { le }, `${name}_bucket`)
      })
      return [
        ...buckets,
        sample(overheadSumMs / 1000, {}, `${name}_sum`),
        sample(below, {}, `${name}_count`),
      ]
    },
  },
  {
    name: 'tenant_rollout_stage',
    help: 'The stage, or the one that the mode belongs to where a rollout has no stages.',
    type: 'gauge',
    aggregator: 'max',
    samples: ({ settings }) => {
      const stage = settings?.stage ?? stageOfMode[settings?.mode ?? '']
      return stage === undefined ? [] : [sample(stage)]
    },
  },
  {
    name: 'tenant_rollout_mode',
    help: '1 for the mode in force, 0 for the others.',
    type: 'gauge',
    aggregator: 'max',
    samples: ({ settings }) =>
      settings === undefined
        ? []
        : Object.keys(stageOfMode).map((mode) => sample(Number(mode === settings.mode), { mode })),
  },
  {
    name: 'tenant_rollout_enforcement',
    help: '1 while enforcement is on, 0 while it is off.',
    type: 'gauge',
    aggregator: 'max',
    samples: ({ settings }) => (settings ? [sample(Number(settings.enforcement === 'on'))] : []),
  },
  {
    name: 'tenant_rollout_kill_switch',
    help: '1 while the kill switch is on and every tenant but the default one is refused.',
    type: 'gauge',
    aggregator: 'max',
    samples: ({ settings }) => (settings ? [sample(Number(settings.killSwitch === 'on'))] : []),
  },
  {
    name: 'tenant_rollout_generation',
    help: 'The number of the settings in force.',
    type: 'gauge',
    aggregator: 'max',
    samples: ({ settings }) => (settings ? [sample(settings.generation)] : []),
  },
  {
    name: 'tenant_rollout_enforced_models',
    help: 'Models whose violations are blocked.',
    type: 'gauge',
    aggregator: 'max',
    samples: ({ status }) => (status ? [sample(status.enforcedModels)] : []),
  },
  {
    name: 'tenant_rollout_logged_models',
    help: 'Models whose violations are logged and let through.',
    type: 'gauge',
    aggregator: 'max',
    samples: ({ status }) => (status ? [sample(status.loggedModels)] : []),
  },
  {
    name: 'tenant_telemetry_start_time_seconds',
    help: 'When counting began, in seconds since 1970: alerts tell a new process by it.',
    type: 'gauge',
    aggregator: 'max',
    samples: ({ startedAtMs }) => [sample(startedAtMs / 1000)],
  },
]

function sample(value: number, labels: Sample['labels'] = {}, metricName?: string): Sample {
  return { value, labels, ...(metricName === undefined ? {} : { metricName }) }
}

function sumBy<Row>(
  rows: readonly Row[],
  labelsOf: (row: Row) => Readonly<Record<string, string>>,
  countOf: (row: Row) => number,
): readonly Sample[] {
  const sums = new Map<string, { value: number; labels: Sample['labels'] }>()
  for (const row of rows) {
    const labels = labelsOf(row)
    const key = Object.values(labels).join('\0')
    const sum = sums.get(key)
    if (sum === undefined) sums.set(key, { value: countOf(row), labels })
    else sum.value += countOf(row)
  }
  return [...sums.values()]
}
