import type { SettingsEvent } from '@partywall/context'
import type { Severity } from '@partywall/context/spi'
import { type CounterCells, plainCount } from './counter-cells.ts'

/** One counter of a model at an endpoint. */
export interface ModelSeries {
  /** A declared model, `(unknown)` or `other`. */
  readonly model: string
  readonly severity: Severity
  /** A declared endpoint, `unmatched` or `other`. */
  readonly endpoint: string
  readonly violations: number
  readonly blocks: number
}

/** Operations of one kind. */
export interface OperationSeries {
  readonly kind: 'request' | 'job'
  readonly finished: number
  readonly blocked: number
  readonly failed: number
}

/** Every counter with its labels, zeros included: what an exporter of metrics copies. */
export interface RecorderSeries {
  /** When the recorder began, epoch milliseconds on the wall clock. */
  readonly startedAtMs: number
  /** Every combination, from the start: the set never grows. */
  readonly models: readonly ModelSeries[]
  readonly operations: readonly OperationSeries[]
  readonly bypasses: readonly { readonly reason: string; readonly uses: number }[]
  /** Records that the bound of the violation log took away. */
  readonly recordsRemoved: number
  /** Sum of the overhead histogram in milliseconds. */
  readonly overheadSumMs: number
  /** The last change of settings that was told. */
  readonly settings: SettingsEvent | undefined
}

export function counterSeries(
  { values, at, labels }: CounterCells,
  { startedAtMs, settings }: Pick<RecorderSeries, 'startedAtMs' | 'settings'>,
): RecorderSeries {
  const width = labels.endpoints.length
  const of = (name: Parameters<typeof plainCount>[1]): number => plainCount(values, name)
  return {
    startedAtMs,
    models: labels.models.flatMap(({ label, severity }, row) =>
      labels.endpoints.map((endpoint, column) => ({
        model: label,
        severity,
        endpoint,
        violations: values[at.violations + row * width + column] ?? 0,
        blocks: values[at.blocks + row * width + column] ?? 0,
      })),
    ),
    operations: [
      {
        kind: 'request',
        finished: of('requests'),
        blocked: of('requestsBlocked'),
        failed: of('requestsFailed'),
      },
      { kind: 'job', finished: of('jobs'), blocked: of('jobsBlocked'), failed: of('jobsFailed') },
    ],
    bypasses: labels.reasons.map((reason, index) => ({
      reason,
      uses: values[at.bypasses + index] ?? 0,
    })),
    recordsRemoved: of('removed'),
    overheadSumMs: of('overheadMs'),
    settings,
  }
}
