import {
  type DecisionEvent,
  type FaultEvent,
  onDecision,
  type RefusalEvent,
  type SettingsEvent,
  type SystemScope,
  subscriberFaults,
  type WallEvent,
} from '@partywall/context'
import {
  type Observations,
  type Severity,
  severities,
  unspecifiedReason,
} from '@partywall/context/spi'
import {
  type AggregateOptions,
  type AggregateWriter,
  createAggregateWriter,
} from './aggregate-writer.ts'
import { createCounterCells } from './counter-cells.ts'
import { counterSeries, type RecorderSeries } from './counter-series.ts'
import { createDecisionAccount } from './decision-account.ts'
import { checkInstance, defaultInstance, runId } from './instance-name.ts'
import { createLabelSet } from './label-set.ts'
import { createLineLimit } from './line-limit.ts'
import type { LoggedBypass } from './logged-violation.ts'
import { createLossAccount, errorCode } from './loss-account.ts'
import { observationTotals } from './observation-totals.ts'
import { closedCode, createOperationAccount } from './operation-account.ts'
import type { LogMessage, RecordLogger } from './record-logger.ts'
import { createBlockedSignatures } from './signature.ts'
import { createSignatureCache } from './signature-cache.ts'
import { TelemetryError } from './telemetry-error.ts'
import { createViolationLog, type ViolationLog, type ViolationLogOptions } from './violation-log.ts'
import {
  createRecordWriter,
  type KeyCodec,
  placeOf,
  type RecordPreset,
} from './violation-record.ts'

export interface RecorderOptions extends KeyCodec {
  /** The declared models with their severity: the closed set of the `model` label. */
  readonly models: Readonly<Record<string, Severity>>
  /** The declared route patterns and job names; every other endpoint is counted as `other`. */
  readonly endpoints?: readonly string[] | undefined
  /** The declared reason codes of bypasses; every other reason is counted as `other`. */
  readonly reasons?: readonly string[] | undefined
  /** Where records are logged: pino, or two methods like it. */
  readonly logger?: RecordLogger | undefined
  /** Names this process in files: 1–63 letters, digits, `_`, `-`. @defaultValue host and process */
  readonly instance?: string | undefined
  /** The release that runs, as it is to appear in files. */
  readonly release?: string | undefined
  /** Keeps records in files. */
  readonly violationLog?: ViolationLogOptions | undefined
  /** Keeps counters in daily files, which reports, trends and dashboards read. */
  readonly aggregates?: AggregateOptions | undefined
  /** How records are written. @defaultValue `'default'` */
  readonly preset?: RecordPreset | undefined
  /** Epoch milliseconds: the dates of records and aggregates. @defaultValue `Date.now` */
  readonly clock?: (() => number) | undefined
  /** Epoch milliseconds: limits that protect this process. @defaultValue `Date.now` */
  readonly wallClock?: (() => number) | undefined
}

const leftOutEveryMs = 60_000

/** Counts and records everything that the walls of this process tell. */
export interface Recorder extends Observations {
  /** Every counter with its labels, zeros included. */
  series(): RecorderSeries
  /** Resolves when everything so far is on disk or counted as lost. Never rejects. */
  flush(): Promise<void>
  /** Stops listening, and flushes. The totals stay readable. */
  close(): Promise<void>
}

/**
 * Begins to listen. Create it before the walls are used, one per process.
 * @throws {@link TelemetryError} `telemetry.invalid` for an option that cannot be right.
 */
export function createRecorder(options: RecorderOptions): Recorder {
  const { clock = Date.now, wallClock = Date.now, logger, release } = options
  checkModels(options.models)
  const startedAtMs = wallClock()
  const instance = checkInstance(options.instance ?? defaultInstance())
  const name = { instance, release, run: runId(startedAtMs) }
  const labels = createLabelSet({
    models: options.models,
    endpoints: options.endpoints ?? [],
    reasons: options.reasons ?? [],
  })
  const cells = createCounterCells(labels)
  const losses = createLossAccount(cells, logger, wallClock)
  const operations = createOperationAccount(cells)
  const signatures = createBlockedSignatures()
  const decisions = createDecisionAccount(cells, operations, signatures)
  const known = createSignatureCache(wallClock)
  const writer = createRecordWriter(options.preset ?? 'default', options)
  const log: ViolationLog | undefined =
    options.violationLog && createViolationLog(options.violationLog, name, losses)
  const aggregates: AggregateWriter | undefined =
    options.aggregates && createAggregateWriter(cells, options.aggregates, name, losses)
  let settings: SettingsEvent | undefined

  const say = (record: object, message: LogMessage): void => {
    try {
      logger?.warn(record, message)
    } catch (error) {
      losses.lost(1, 'logger', error)
    }
  }

  const limit = createLineLimit<LogMessage>({
    wallClock,
    onLeftOut: (left) => say(left, 'TENANT_LINES_LEFT_OUT'),
  })

  const decision = (event: DecisionEvent): void => {
    const place = placeOf(event.scope?.operation)
    const signature = (): ReturnType<typeof known.of> => known.of(event.violation, place.endpoint)
    if (!decisions.count(event, place.endpoint, signature).record) return
    if (logger === undefined && log === undefined) return
    const { id, stack } = signature()
    const record = writer.record(event.violation, place, stack(event.violation), clock())
    const { action, reason, generation } = event.decision
    const bypass = action === 'bypass' ? bypassOf(event.scope?.system) : undefined
    if (bypass === undefined) say(record, 'TENANT_VIOLATION')
    else say({ ...record, ...bypass }, 'TENANT_BYPASS_USED')
    const line = { signature: id, decision: action, reason, generation, instance, release }
    log?.write(JSON.stringify({ ...line, bypass, record }))
  }

  const refusal = ({ surface, code, status, tenantId, userId, operation }: RefusalEvent): void => {
    if (code === closedCode && operation !== undefined) operations.refused(operation)
    // Anybody can be refused as often as they like: that must not fill a disk.
    if (!limit.allows('TENANT_REFUSAL', code)) return
    const place = operation && placeOf(operation)
    say({ surface, reason: code, status, tenantId, userId, ...place }, 'TENANT_REFUSAL')
  }

  const fault = ({ surface, error }: FaultEvent): void => {
    cells.add('guardFaults')
    const code = errorCode(error)
    if (limit.allows('TENANT_GUARD_FAULT', code)) say({ surface, code }, 'TENANT_GUARD_FAULT')
  }

  const receive = (event: WallEvent): void => {
    switch (event.type) {
      case 'guarded':
        cells.add('guarded')
        cells.overhead(event.overheadMs)
        return
      case 'decision':
        aggregates?.reach(clock())
        decision(event)
        return
      case 'operation_ended':
        aggregates?.reach(clock())
        operations.ended(event)
        return
      case 'fault':
        aggregates?.reach(clock())
        fault(event)
        return
      case 'refusal':
        refusal(event)
        return
      case 'settings':
        settings = event
        return
      case 'operation_started':
      case 'system_scope':
        return
    }
  }

  const flush = async (): Promise<void> => {
    aggregates?.reach(clock())
    await Promise.all([log?.flush(), aggregates?.flush()])
  }

  if (labels.folded > 0) say({ folded: labels.folded }, 'TENANT_TELEMETRY_LIMIT')
  aggregates?.reach(clock())
  const stop = onDecision(receive)
  const leftOutTimer = setInterval(() => limit.tell('past'), leftOutEveryMs).unref()
  const timer =
    aggregates && setInterval(() => void flush(), options.aggregates?.flushEveryMs ?? 5000).unref()

  return {
    totals: () => observationTotals(cells, signatures.totals(), subscriberFaults()),
    series: () => counterSeries(cells, { startedAtMs, settings }),
    flush,
    async close() {
      stop()
      clearInterval(timer)
      clearInterval(leftOutTimer)
      limit.tell('all')
      await flush()
    },
  }
}

function bypassOf(system: SystemScope | undefined): LoggedBypass {
  const { actor = 'unknown', reason = unspecifiedReason, note } = system ?? {}
  return { actor, reason, ...(note === undefined ? {} : { note }) }
}

function checkModels(models: Readonly<Record<string, Severity>>): void {
  // Every model takes at least two series.
  if (Object.keys(models).length > 4000) {
    throw new TelemetryError('telemetry.invalid', 'models: at most 4000')
  }
  const known: readonly string[] = severities
  for (const [model, severity] of Object.entries(models)) {
    if (model === '' || !known.includes(severity)) {
      throw new TelemetryError(
        'telemetry.invalid',
        `models: expected names with a severity of ${severities.join(', ')}`,
      )
    }
  }
}
