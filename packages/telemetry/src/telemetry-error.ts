import { PartywallError } from '@partywall/context'

/** Why `@partywall/telemetry` refused. */
export type TelemetryErrorCode = 'telemetry.invalid'

/** Raised when an option cannot be right: at construction, never while requests are served. */
export class TelemetryError extends PartywallError<TelemetryErrorCode> {
  override readonly name = 'TelemetryError'
}
