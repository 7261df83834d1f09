import { type Severity, severities } from '@partywall/context/spi'
import { dataNotes, type NamedCount } from './daily-report.ts'
import { dayMs, slotMs } from './day-aggregate.ts'
import type { AggregateReading } from './read-aggregates.ts'
import { type Page, type RenderOptions, type ReportFormat, renderPage } from './report-page.ts'
import { countBy, sumSpan } from './span-totals.ts'

export interface ViolationDashboard {
  readonly title: string
  /** Processes that counted in these 24 hours; 0 means that there is no data. */
  readonly processes: number
  readonly total: number
  readonly severities: Readonly<Record<Severity, number>>
  readonly models: readonly (NamedCount & { readonly severity: Severity })[]
  /** The ten with most violations. */
  readonly endpoints: readonly NamedCount[]
  /** Violations of each of the 24 hours, the oldest first. */
  readonly hours: readonly number[]
  readonly trend: {
    /** Violations of the 24 hours before. */
    readonly yesterday: number
    /** `-15` is 15 % less than yesterday; `null` where yesterday has no violation or no data. */
    readonly changePercent: number | null
  }
  readonly unreadable: number
}

/** The violations of the last 24 hours until `at` (epoch milliseconds on the recorders' clock). */
export function violationDashboard(
  reading: AggregateReading,
  { at }: { readonly at: number },
): ViolationDashboard {
  const { aggregates } = reading
  // The slot that has begun is part of it: what happened a moment ago must show.
  const end = (Math.floor(at / slotMs) + 1) * slotMs
  const today = sumSpan(aggregates, end - dayMs, end)
  const yesterday = sumSpan(aggregates, end - 2 * dayMs, end - dayMs).violations
  const severityOf = (severity: Severity): number =>
    countBy(
      today.pairs.filter((pair) => pair.severity === severity),
      'model',
      'violations',
    ).reduce((sum, { count }) => sum + count, 0)
  return {
    title: 'Tenant Violations (Last 24h)',
    processes: today.processes,
    total: today.violations,
    severities: {
      CRITICAL: severityOf('CRITICAL'),
      HIGH: severityOf('HIGH'),
      MEDIUM: severityOf('MEDIUM'),
    },
    models: severities.flatMap((severity) =>
      countBy(
        today.pairs.filter((pair) => pair.severity === severity),
        'model',
        'violations',
      ).map((model) => ({ ...model, severity })),
    ),
    endpoints: countBy(today.pairs, 'endpoint', 'violations').slice(0, 10),
    hours: Array.from({ length: 24 }, (_, hour) => {
      const from = end - dayMs + hour * 3_600_000
      return sumSpan(aggregates, from, from + 3_600_000).violations
    }),
    trend: {
      yesterday,
      changePercent: yesterday === 0 ? null : Math.round((today.violations / yesterday - 1) * 100),
    },
    unreadable: reading.unreadable.length,
  }
}

/** Writes the dashboard for people or programs; text is at most 100 columns wide. */
export function renderViolationDashboard(
  dashboard: ViolationDashboard,
  format: ReportFormat,
  options?: RenderOptions,
): string {
  return renderPage(dashboard, pageOf(dashboard), format, options)
}

function pageOf(dashboard: ViolationDashboard): Page {
  const { processes, total, models, endpoints, trend, hours } = dashboard
  const most = Math.max(1, ...models.map(({ count }) => count))
  const counts = severities.map((severity) => `${severity}: ${dashboard.severities[severity]}`)
  return {
    title: dashboard.title,
    sections: [
      {
        rows: [
          ...dataNotes(processes, dashboard.unreadable),
          { cells: [`Total: ${total}`] },
          { cells: [counts.join(' | ')] },
          { cells: [`Trend: ${trendText(trend)}`] },
          { cells: [`By hour: ${sparkline(hours)}`] },
        ],
      },
      {
        heading: 'By model',
        rows: models.map(({ name, count, severity }) => ({
          cells: [name, severity, String(count)],
          severity,
          bar: count / most,
        })),
      },
      {
        heading: 'By endpoint',
        rows: endpoints.map(({ name, count }) => ({ cells: [name, String(count)] })),
      },
    ].filter(({ rows }) => rows.length > 0),
  }
}

function trendText({ yesterday, changePercent }: ViolationDashboard['trend']): string {
  if (changePercent === null) return `no violations yesterday to compare with`
  const arrow = changePercent < 0 ? '↓' : changePercent > 0 ? '↑' : '→'
  return `${arrow} ${Math.abs(changePercent)}% vs yesterday (${yesterday})`
}

function sparkline(values: readonly number[]): string {
  const most = Math.max(1, ...values)
  const levels = [...'▁▂▃▄▅▆▇█']
  return values
    .map((value) => (value === 0 ? '·' : levels[Math.ceil((value / most) * levels.length) - 1]))
    .join('')
}
