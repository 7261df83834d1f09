import { dataNotes, parseDay } from './daily-report.ts'
import { dayMs, dayOf } from './day-aggregate.ts'
import type { AggregateReading } from './read-aggregates.ts'
import { type Page, type RenderOptions, type ReportFormat, renderPage } from './report-page.ts'
import { sumSpan } from './span-totals.ts'

/** What the level of a week asks for. */
export const trendAdvice = [
  'fix_high_frequency',
  'fix_medium_frequency',
  'fix_edge_cases',
  'ready_for_enforcement',
  'no_data',
] as const
export type TrendAdvice = (typeof trendAdvice)[number]

export interface TrendWeek {
  /** The first and the last day, both included. */
  readonly from: string
  readonly to: string
  /** Days of the week on which an instance counted anything. */
  readonly days: number
  readonly violations: number
  /** Violations per day with data; `null` without one. */
  readonly perDay: number | null
  readonly advice: TrendAdvice
}

export interface WeeklyTrend {
  readonly title: string
  /** The oldest first. */
  readonly weeks: readonly TrendWeek[]
  readonly unreadable: number
}

export interface WeeklyTrendOptions {
  /** The last day of the last week, such as `2026-01-28`. */
  readonly until: string
  /** @defaultValue `4` */
  readonly weeks?: number | undefined
}

/** The documented levels are 450, 120, 25 and 5 a day; the borders lie between them. */
const levels: readonly { readonly above: number; readonly advice: TrendAdvice }[] = [
  { above: 200, advice: 'fix_high_frequency' },
  { above: 50, advice: 'fix_medium_frequency' },
  { above: 10, advice: 'fix_edge_cases' },
  { above: -1, advice: 'ready_for_enforcement' },
]

const adviceText: Readonly<Record<TrendAdvice, string>> = {
  fix_high_frequency: 'fix high-frequency violations',
  fix_medium_frequency: 'fix medium-frequency violations',
  fix_edge_cases: 'fix edge cases',
  ready_for_enforcement: 'ready for enforcement, if the gates are green',
  no_data: 'no data',
}

/**
 * Violations per day, week by week, and what that level asks for.
 * @throws {@link TelemetryError} `telemetry.invalid` when `until` is no date.
 */
export function weeklyTrend(reading: AggregateReading, options: WeeklyTrendOptions): WeeklyTrend {
  const { until, weeks = 4 } = options
  const end = parseDay(until) + dayMs
  return {
    title: `Tenant Enforcement Trend - ${weeks} weeks until ${until}`,
    weeks: Array.from({ length: weeks }, (_, index) =>
      weekOf(reading, end - (weeks - index) * 7 * dayMs),
    ),
    unreadable: reading.unreadable.length,
  }
}

/** Writes a trend for people or programs; text is at most 100 columns wide. */
export function renderWeeklyTrend(
  trend: WeeklyTrend,
  format: ReportFormat,
  options?: RenderOptions,
): string {
  return renderPage(trend, pageOf(trend), format, options)
}

function weekOf({ aggregates }: AggregateReading, startMs: number): TrendWeek {
  const endMs = startMs + 7 * dayMs
  const { violations } = sumSpan(aggregates, startMs, endMs)
  const from = dayOf(startMs)
  const to = dayOf(endMs - 1)
  const days = new Set(aggregates.map(({ day }) => day).filter((day) => day >= from && day <= to))
    .size
  const perDay = days === 0 ? null : violations / days
  return { from, to, days, violations, perDay, advice: adviceOf(perDay) }
}

function adviceOf(perDay: number | null): TrendAdvice {
  if (perDay === null) return 'no_data'
  return levels.find(({ above }) => perDay > above)?.advice ?? 'no_data'
}

function pageOf({ title, weeks, unreadable }: WeeklyTrend): Page {
  return {
    title,
    sections: [
      {
        rows: weeks.map(({ from, to, days, perDay, advice }) => ({
          cells: [
            `${from} – ${to}`,
            perDay === null ? '–' : `${round(perDay)}/day`,
            `${days} of 7 days`,
            `→ ${adviceText[advice]}`,
          ],
        })),
      },
      ...(unreadable > 0 ? [{ rows: dataNotes(1, unreadable) }] : []),
    ],
  }
}

function round(value: number): string {
  return value >= 10 ? String(Math.round(value)) : String(Math.round(value * 10) / 10)
}
