import { hostname } from 'node:os'
import { TelemetryError } from './telemetry-error.ts'

/** What an instance and a release may be called: safe as part of a file name. */
const namePattern = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62})$/

/** The instance's name when none is given: the host's and the process's. */
export function defaultInstance(): string {
  return `${hostname().replace(/[^A-Za-z0-9-]/g, '-')}-${process.pid}`.replace(/^-+/, '').slice(-63)
}

/** @throws {@link TelemetryError} when the name could not be part of a file name. */
export function checkInstance(name: string): string {
  if (typeof name !== 'string' || !namePattern.test(name)) {
    throw new TelemetryError('telemetry.invalid', `instance must match ${namePattern.source}`)
  }
  return name
}

/** Tells two processes of one instance apart, and sorts by their start. */
export function runId(startedAtMs: number): string {
  return `${Math.trunc(startedAtMs).toString(36).padStart(9, '0')}-${process.pid.toString(36)}`
}
