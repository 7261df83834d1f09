import { dataNotes, type NamedCount } from './daily-report.ts'
import { slotMs } from './day-aggregate.ts'
import { quantileMs } from './overhead-histogram.ts'
import type { AggregateReading } from './read-aggregates.ts'
import {
  type Page,
  type RenderOptions,
  type ReportFormat,
  renderPage,
  type Section,
} from './report-page.ts'
import { countBy, sumSpan } from './span-totals.ts'

/** What the rollout says about itself: handed in, since telemetry does not know the rollout. */
export interface EnforcementStatus {
  readonly mode: string
  readonly stage?: number | undefined
  readonly generation?: number | undefined
  readonly enforcement?: 'on' | 'off' | undefined
  readonly killSwitch?: 'on' | 'off' | undefined
  readonly enforcedModels: number
  readonly loggedModels: number
}

export interface EnforcementDashboard {
  readonly title: string
  readonly status: EnforcementStatus
  /** Processes that counted in the last hour; 0 means that there is no data. */
  readonly processes: number
  readonly operations: number
  /** Operations with a blocked statement ÷ operations, last hour; `null` without an operation. */
  readonly errorRate: number | null
  /** Blocked statements, last hour. */
  readonly errors: number
  /** Of those, outside of any operation: they are not in the rate. */
  readonly blocksOutside: number
  readonly errorsByModel: readonly NamedCount[]
  readonly errorsByEndpoint: readonly NamedCount[]
  /** Uses of a bypass, last hour. */
  readonly bypasses: number
  readonly bypassesByReason: readonly NamedCount[]
  /** What the walls add to a statement at the 95th percentile, last hour; `null` without data. */
  readonly overheadP95Ms: number | null
  readonly guardFaults: number
  readonly lost: number
  readonly unreadable: number
}

/** How enforcement did in the last hour until `at` (epoch milliseconds on the recorders' clock). */
export function enforcementDashboard(
  reading: AggregateReading,
  { at, status }: { readonly at: number; readonly status: EnforcementStatus },
): EnforcementDashboard {
  const end = (Math.floor(at / slotMs) + 1) * slotMs
  const hour = sumSpan(reading.aggregates, end - 6 * slotMs, end)
  const reasons = Object.entries(hour.bypasses).map(([name, count]) => ({ name, count }))
  return {
    title: 'Tenant Enforcement (Last 1h)',
    status,
    processes: hour.processes,
    operations: hour.operations,
    errorRate: hour.operations === 0 ? null : hour.operationsBlocked / hour.operations,
    errors: hour.blocks,
    blocksOutside: hour.blocksOutside,
    errorsByModel: countBy(hour.pairs, 'model', 'blocks').slice(0, 10),
    errorsByEndpoint: countBy(hour.pairs, 'endpoint', 'blocks').slice(0, 10),
    bypasses: reasons.reduce((sum, { count }) => sum + count, 0),
    bypassesByReason: reasons.sort((a, b) => b.count - a.count),
    overheadP95Ms: quantileMs(hour.overhead, 0.95) ?? null,
    guardFaults: hour.guardFaults,
    lost: hour.lost,
    unreadable: reading.unreadable.length,
  }
}

/** Writes the dashboard for people or programs; text is at most 100 columns wide. */
export function renderEnforcementDashboard(
  dashboard: EnforcementDashboard,
  format: ReportFormat,
  options?: RenderOptions,
): string {
  return renderPage(dashboard, pageOf(dashboard), format, options)
}

function pageOf(dashboard: EnforcementDashboard): Page {
  const { status, errorRate, overheadP95Ms } = dashboard
  const facts: readonly (readonly [string, string])[] = [
    ['Mode', status.mode],
    ...optional('Stage', status.stage),
    ...optional('Generation', status.generation),
    ...optional('Enforcement', status.enforcement),
    ...optional('Kill switch', status.killSwitch),
    ['Enforced models', String(status.enforcedModels)],
    ['Logged models', String(status.loggedModels)],
    ['Requests and jobs', String(dashboard.operations)],
    ['Error rate', errorRate === null ? 'no data' : `${(errorRate * 100).toFixed(3)} %`],
    ['Errors (last 1h)', String(dashboard.errors)],
    ...(dashboard.blocksOutside === 0
      ? []
      : optional('Blocked outside of these', dashboard.blocksOutside)),
    ['Bypasses (last 1h)', String(dashboard.bypasses)],
    ['Performance impact (p95)', overheadP95Ms === null ? 'no data' : impact(overheadP95Ms)],
    ['Guard faults', String(dashboard.guardFaults)],
    ['Lost records', String(dashboard.lost)],
  ]
  return {
    title: dashboard.title,
    sections: [
      { rows: dataNotes(dashboard.processes, dashboard.unreadable) },
      { rows: facts.map((cells) => ({ cells })) },
      counts('Errors by model', dashboard.errorsByModel),
      counts('Errors by endpoint', dashboard.errorsByEndpoint),
      counts('Bypasses by reason', dashboard.bypassesByReason),
    ].filter(({ rows }) => rows.length > 0),
  }
}

function counts(heading: string, named: readonly NamedCount[]): Section {
  const most = Math.max(1, ...named.map(({ count }) => count))
  return {
    heading,
    rows: named.map(({ name, count }) => ({ cells: [name, String(count)], bar: count / most })),
  }
}

function optional(
  label: string,
  value: string | number | undefined,
): readonly (readonly [string, string])[] {
  return value === undefined ? [] : [[label, String(value)]]
}

function impact(p95Ms: number): string {
  return p95Ms === Number.POSITIVE_INFINITY ? '> 100 ms' : `+${p95Ms.toFixed(2)} ms`
}
