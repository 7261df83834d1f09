import { type Severity, severities } from '@partywall/context/spi'
import { dayMs } from './day-aggregate.ts'
import type { LoggedViolation } from './logged-violation.ts'
import type { AggregateReading } from './read-aggregates.ts'
import {
  type Page,
  type RenderOptions,
  type ReportFormat,
  type Row,
  renderPage,
} from './report-page.ts'
import { countBy, sumSpan } from './span-totals.ts'
import { TelemetryError } from './telemetry-error.ts'

/** How often a model or an endpoint was seen. */
export interface NamedCount {
  readonly name: string
  readonly count: number
}

/** What to do next, the most urgent first. */
export interface RecommendedAction {
  readonly severity: Severity
  readonly action: string
}

/** A violation of the day, as the log has it. */
export interface ReportExample {
  readonly signature: string
  readonly model: string
  readonly endpoint: string
  readonly statement: string
  /** The first line of the stack that is not inside a dependency. */
  readonly at: string
}

export interface DailyReport {
  readonly title: string
  readonly date: string
  /** Processes that counted on that day; 0 means that there is no data. */
  readonly processes: number
  readonly operations: number
  /** Blocked statements outside of any request or job: they are in no share. */
  readonly blocksOutside: number
  readonly total: number
  readonly severities: readonly {
    readonly severity: Severity
    readonly total: number
    readonly models: readonly NamedCount[]
  }[]
  /** The ten with most violations, ranked. */
  readonly endpoints: readonly NamedCount[]
  readonly actions: readonly RecommendedAction[]
  readonly examples: readonly ReportExample[]
  /** Files that could not be read: their counts are missing above. */
  readonly unreadable: number
}

export interface DailyReportOptions {
  /** `2026-01-28`, UTC on the clock of the recorders. */
  readonly date: string
  /** Records of that day from `readViolations`; one per signature is shown, five at most. */
  readonly examples?: readonly LoggedViolation[] | undefined
}

/**
 * The report of one day over every instance, from unsampled counters.
 * @throws {@link TelemetryError} `telemetry.invalid` when `date` is no date.
 */
export function dailyReport(reading: AggregateReading, options: DailyReportOptions): DailyReport {
  const { date, examples = [] } = options
  const from = parseDay(date)
  const span = sumSpan(reading.aggregates, from, from + dayMs)
  return {
    title: `Tenant Enforcement Violations - ${date}`,
    date,
    processes: span.processes,
    operations: span.operations,
    blocksOutside: span.blocksOutside,
    total: span.violations,
    severities: severities.map((severity) => {
      const pairs = span.pairs.filter((pair) => pair.severity === severity)
      const models = countBy(pairs, 'model', 'violations')
      return { severity, total: models.reduce((sum, { count }) => sum + count, 0), models }
    }),
    endpoints: countBy(span.pairs, 'endpoint', 'violations').slice(0, 10),
    actions: span.pairs
      .filter(({ violations }) => violations > 0)
      .slice(0, 10)
      .map(({ severity, model, endpoint, violations }) => ({
        severity,
        action: `Confine ${model} to the tenant at ${endpoint} (${violations})`,
      })),
    examples: examplesOf(examples.filter(({ record }) => record.timestamp.startsWith(date))),
    unreadable: reading.unreadable.length,
  }
}

/** Writes a daily report for people or programs; text is at most 100 columns wide. */
export function renderDailyReport(
  report: DailyReport,
  format: ReportFormat,
  options?: RenderOptions,
): string {
  return renderPage(report, pageOf(report), format, options)
}

/** The start of a day, in epoch milliseconds. */
export function parseDay(date: string): number {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(date) : Number.NaN
  if (Number.isNaN(at)) {
    throw new TelemetryError('telemetry.invalid', 'the date must look like 2026-01-28')
  }
  return at
}

/** What to tell when numbers are missing: nothing seen is not the same as nothing there. */
export function dataNotes(processes: number, unreadable: number): readonly Row[] {
  return [
    ...(processes === 0
      ? [{ cells: ['No data: no instance counted anything in this time.'] }]
      : []),
    ...(unreadable > 0 ? [{ cells: [`${unreadable} files could not be read.`] }] : []),
  ]
}

function pageOf(report: DailyReport): Page {
  const { processes, total, operations, blocksOutside } = report
  const notes = dataNotes(processes, report.unreadable)
  return {
    title: report.title,
    sections: [
      {
        rows: [
          ...notes,
          { cells: [`Total violations: ${total}`] },
          { cells: [`Requests and jobs: ${operations}, counted by ${processes} processes`] },
          ...(blocksOutside === 0
            ? []
            : [
                { cells: [`Blocked outside of any request or job: ${blocksOutside}, in no share`] },
              ]),
        ],
      },
      {
        heading: 'By severity',
        rows: report.severities.flatMap(({ severity, total: count, models }) => [
          { cells: [severity, String(count)], severity },
          ...models.map(({ name, count: each }) => ({ cells: [`  ${name}`, String(each)] })),
        ]),
      },
      {
        heading: 'Top violating endpoints',
        rows: orNone(
          report.endpoints.map(({ name, count }, index) => ({
            cells: [`${index + 1}.`, name, String(count)],
          })),
        ),
      },
      {
        heading: 'Recommended actions',
        rows: orNone(
          report.actions.map(({ severity, action }, index) => ({
            cells: [`${index + 1}.`, severity, action],
            severity,
          })),
        ),
      },
      ...(report.examples.length === 0
        ? []
        : [
            {
              heading: 'Examples',
              rows: report.examples.flatMap(({ model, endpoint, statement, at, signature }) => [
                { cells: [`${signature} ${model} at ${endpoint}`] },
                { cells: [`  ${statement}`] },
                { cells: [`  ${at}`] },
              ]),
            },
          ]),
    ],
  }
}

function orNone(rows: readonly Row[]): readonly Row[] {
  return rows.length === 0 ? [{ cells: ['none'] }] : rows
}

function examplesOf(logged: readonly LoggedViolation[]): readonly ReportExample[] {
  const bySignature = new Map(logged.map((each) => [each.signature, each]))
  return [...bySignature.values()]
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, 5)
    .map(({ signature, record }) => ({
      signature,
      model: record.model,
      endpoint: record.endpoint,
      statement: record.queryArgs.statement,
      at: callSite(record.stackTrace),
    }))
}

function rank({ record }: LoggedViolation): number {
  return severities.indexOf(record.severity)
}

function callSite(stack: string): string {
  const frames = stack.split('\n').filter((line) => /^\s*at /.test(line))
  const own = frames.find((line) => !/node_modules|node:/.test(line))
  return (own ?? frames[0] ?? 'no stack').trim()
}
