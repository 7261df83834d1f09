import type { TenantId } from '@partywall/context'
import type {
  Operation,
  Severity,
  Violation,
  ViolationDetail,
  ViolationKind,
} from '@partywall/context/spi'
import { unmatchedEndpoint } from './label-set.ts'
import { fingerprint, storedStatement } from './signature.ts'

/** What an operation carried, by its shape alone: never a value. */
export interface RecordedQuery {
  /** 16 hexadecimal digits of the whole statement. */
  readonly fingerprint: string
  /** The statement without its literals, cut at 2 000 characters. */
  readonly statement: string
  /** The shapes of its parameters, such as `uuid`; the first 100. */
  readonly parameters: readonly string[]
}

/** The documented record of one violation. */
export interface ViolationRecord {
  /** ISO 8601, UTC. */
  readonly timestamp: string
  readonly severity: Severity
  readonly model: string
  readonly action: string
  readonly violation: ViolationKind
  /** An extra field of ours; the preset `001` leaves it out. */
  readonly detail?: ViolationDetail
  /** The other one: how to mend it, for a person; cut at 300 characters. */
  readonly hint?: string
  /** The route pattern or the job's name, never a URL; `unmatched` where there is none. */
  readonly endpoint: string
  /** The HTTP method, `JOB`, or `NONE` outside of any operation. */
  readonly method: string
  readonly userId?: number | string
  readonly tenantId?: number | string
  readonly stackTrace: string
  readonly queryArgs: RecordedQuery
}

/** How records are written. `001` is exactly document 001: numeric ids, no `detail`, no `hint`, no milliseconds. */
export const recordPresets = ['default', '001'] as const
export type RecordPreset = (typeof recordPresets)[number]

/** What an id is in the database: the value that the record shows instead of the text. */
export interface KeyCodec {
  readonly tenantKey?: ((tenantId: TenantId) => number | string) | undefined
  readonly userKey?: ((userId: string) => number | string) | undefined
}

/** Where a violation happened, read once while its event is handled. */
export interface Place {
  readonly endpoint: string
  readonly method: string
}

/** The place of an operation; an endpoint that cannot be read is `unmatched`. */
export function placeOf(operation: Operation | undefined): Place {
  if (operation === undefined) return { endpoint: unmatchedEndpoint, method: 'NONE' }
  try {
    return { endpoint: operation.endpoint, method: operation.method }
  } catch {
    return { endpoint: unmatchedEndpoint, method: operation.method }
  }
}

export interface RecordWriter {
  record(violation: Violation, place: Place, stackTrace: string, atMs: number): ViolationRecord
}

export function createRecordWriter(preset: RecordPreset, codec: KeyCodec): RecordWriter {
  const documented = preset === '001'
  const fallback = documented ? decimalKey : asIs
  const { tenantKey = fallback, userKey = fallback } = codec
  return {
    record(violation, { endpoint, method }, stackTrace, atMs) {
      const { detail, hint, userId, tenantId, shape } = violation
      return {
        timestamp: timestampOf(atMs, documented),
        severity: violation.severity,
        model: violation.model,
        action: violation.action,
        violation: violation.violation,
        ...(documented || detail === undefined ? {} : { detail }),
        ...(documented || hint === undefined ? {} : { hint: hint.slice(0, 300) }),
        endpoint,
        method,
        ...(userId === undefined ? {} : { userId: safeKey(userKey(userId), userId) }),
        ...(tenantId === undefined ? {} : { tenantId: safeKey(tenantKey(tenantId), tenantId) }),
        stackTrace,
        queryArgs: {
          fingerprint: fingerprint([shape.statement]),
          statement: storedStatement(shape.statement),
          parameters: shape.parameters.slice(0, 100).map((parameter) => parameter.slice(0, 64)),
        },
      }
    },
  }
}

/** A moment as text; a clock that gives no moment gives the epoch, never an exception. */
function timestampOf(atMs: number, withoutMilliseconds = false): string {
  const moment = new Date(atMs)
  const text = (Number.isNaN(moment.getTime()) ? new Date(0) : moment).toISOString()
  return withoutMilliseconds ? `${text.slice(0, 19)}Z` : text
}

function asIs(id: string): string {
  return id
}

/** `42` for `'42'`; ids that are no canonical safe integer stay text, so that none is changed. */
function decimalKey(id: string): number | string {
  const number = Number(id)
  return Number.isSafeInteger(number) && String(number) === id ? number : id
}

function safeKey(key: number | string, id: string): number | string {
  return typeof key === 'string' || Number.isSafeInteger(key) ? key : id
}
