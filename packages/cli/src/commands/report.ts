import {
  type AggregateReading,
  dailyReport,
  enforcementDashboard,
  type LoggedViolation,
  type ReportFormat,
  readAggregates,
  readViolations,
  renderDailyReport,
  renderEnforcementDashboard,
  renderViolationDashboard,
  renderWeeklyTrend,
  reportFormats,
  violationDashboard,
  weeklyTrend,
} from '@partywall/telemetry'
import { type Command, Option } from 'commander'
import type { Attach, Call } from '../call.ts'
import { misused } from '../cli-error.ts'
import { withExamples, withPaths } from '../command-options.ts'
import { readPlace } from '../configuration.ts'
import { enforcementStatus } from '../enforcement-status.ts'
import { exitCodes } from '../exit-code.ts'
import { dayOf, daysBefore } from '../measures.ts'
import type { Outcome } from '../outcome.ts'

const dashboards = ['violations', 'enforcement'] as const

interface ReportOptions {
  readonly date?: string
  readonly weekly?: boolean
  readonly dashboard?: (typeof dashboards)[number]
  readonly format?: ReportFormat
  readonly json?: boolean
}

/** `partywall report`: a day, weeks, or the last hours, from the counters of every instance. */
export function addReportCommand(program: Command, attach: Attach): void {
  const command = program
    .command('report')
    .description('the report of a day, the trend of four weeks, or a dashboard')
    .option('--date <day>', '2026-01-28 (UTC), today or yesterday (default: today)')
    .addOption(new Option('--weekly', 'violations a day, week by week, until that day'))
    .addOption(
      new Option('--dashboard <name>', 'the last 24 hours, or the last hour')
        .choices(dashboards)
        .conflicts(['weekly', 'date']),
    )
    .addOption(new Option('--format <form>', 'how to print (default: text)').choices(reportFormats))
  withPaths(command, ['aggregates', 'violationLog', 'state'])
  withExamples(command, [
    'report --aggregates /var/lib/partywall/aggregates',
    'report --date yesterday --format markdown',
    'report --weekly --date 2026-01-28',
    'report --dashboard enforcement',
  ])
  attach<ReportOptions>(command, report)
}

type Render<Report> = (report: Report, format: ReportFormat, options: { color: boolean }) => string

async function report(call: Call<ReportOptions>): Promise<Outcome> {
  const { options, configuration, clock } = call
  const { format = 'text' } = options
  if (options.json === true && options.format !== undefined && format !== 'json') {
    throw misused(`--json and --format ${format} contradict each other: give one of them`)
  }
  const read = (days: { from?: string; to?: string }): Promise<AggregateReading> =>
    readPlace(configuration, 'aggregates', (folder) => readAggregates(folder, days))
  const date = dateOf(options.date, clock())
  function outcome<Report extends object>(made: Report, render: Render<Report>): Outcome {
    const text = render(made, format === 'json' ? 'text' : format, { color: call.color })
    return { exitCode: exitCodes.ok, result: made, text: () => text.trimEnd().split('\n') }
  }
  if (options.weekly === true) {
    const reading = await read({ from: daysBefore(date, 27), to: date })
    return outcome(weeklyTrend(reading, { until: date }), renderWeeklyTrend)
  }
  if (options.dashboard !== undefined) {
    const reading = await read({ from: daysBefore(date, 2) })
    if (options.dashboard === 'violations') {
      return outcome(violationDashboard(reading, { at: clock() }), renderViolationDashboard)
    }
    const status = await enforcementStatus(call)
    return outcome(
      enforcementDashboard(reading, { at: clock(), status }),
      renderEnforcementDashboard,
    )
  }
  const reading = await read({ from: date, to: date })
  const made = dailyReport(reading, { date, examples: await examplesOf(call, date) })
  return outcome(made, renderDailyReport)
}

/** Records of the day, where a log is given: the counters say how often, the log says what. */
async function examplesOf(
  { configuration }: Call<ReportOptions>,
  date: string,
): Promise<readonly LoggedViolation[]> {
  if (configuration.violationLog === undefined) return []
  const from = Date.parse(date)
  const found = await readPlace(configuration, 'violationLog', (folder) =>
    readViolations(folder, { from, to: from + 86_400_000 }),
  )
  return found.violations
}

function dateOf(text: string | undefined, now: number): string {
  if (text === undefined || text === 'today') return dayOf(now)
  if (text === 'yesterday') return daysBefore(dayOf(now), 1)
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN
  // `2026-02-30` parses, as the second of March.
  if (!Number.isNaN(at) && dayOf(at) === text) return text
  throw misused('--date takes a day such as 2026-01-28, today or yesterday')
}
