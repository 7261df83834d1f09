/**
 * Where records go: the two methods of pino that are used, in pino's order of arguments.
 * A logger that takes the message first is two lines away:
 * `{ warn: (record, message) => winston.warn(message, record), … }`.
 */
export interface RecordLogger {
  warn(record: object, message: string): void
  error(record: object, message: string): void
}

/** The messages that are written, so that a log search never has to guess. */
export const logMessages = [
  'TENANT_VIOLATION',
  'TENANT_BYPASS_USED',
  'TENANT_REFUSAL',
  'TENANT_GUARD_FAULT',
  'TENANT_LINES_LEFT_OUT',
  'TENANT_TELEMETRY_LOSS',
  'TENANT_RECORDS_REMOVED',
  'TENANT_TELEMETRY_LIMIT',
] as const
export type LogMessage = (typeof logMessages)[number]
