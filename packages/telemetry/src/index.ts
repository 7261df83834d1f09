/**
 * What happened.
 * @packageDocumentation
 */
export type { AggregateOptions } from './aggregate-writer.ts'
export type { ModelSeries, OperationSeries, RecorderSeries } from './counter-series.ts'
export {
  type DailyReport,
  type DailyReportOptions,
  dailyReport,
  type NamedCount,
  type RecommendedAction,
  type ReportExample,
  renderDailyReport,
} from './daily-report.ts'
export type { DayAggregate, SlotCounts } from './day-aggregate.ts'
export {
  type EnforcementDashboard,
  type EnforcementStatus,
  enforcementDashboard,
  renderEnforcementDashboard,
} from './enforcement-dashboard.ts'
export type { LoggedBypass, LoggedViolation } from './logged-violation.ts'
export { quantileMs } from './overhead-histogram.ts'
export { type AggregateReading, readAggregates } from './read-aggregates.ts'
export { readViolations, type ViolationFilter, type ViolationReading } from './read-violations.ts'
export { type LogMessage, logMessages, type RecordLogger } from './record-logger.ts'
export { createRecorder, type Recorder, type RecorderOptions } from './recorder.ts'
export { type RenderOptions, type ReportFormat, reportFormats } from './report-page.ts'
export { type Signature, signatureId } from './signature.ts'
export { TelemetryError, type TelemetryErrorCode } from './telemetry-error.ts'
export {
  renderViolationDashboard,
  type ViolationDashboard,
  violationDashboard,
} from './violation-dashboard.ts'
export type { ViolationLogOptions } from './violation-log.ts'
export {
  type KeyCodec,
  type RecordedQuery,
  type RecordPreset,
  recordPresets,
  type ViolationRecord,
} from './violation-record.ts'
export {
  renderWeeklyTrend,
  type TrendAdvice,
  type TrendWeek,
  trendAdvice,
  type WeeklyTrend,
  type WeeklyTrendOptions,
  weeklyTrend,
} from './weekly-trend.ts'
