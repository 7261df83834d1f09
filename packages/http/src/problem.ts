import { STATUS_CODES } from 'node:http'
import { isPartywallError } from '@partywall/context'

/** RFC 9457 problem details. They say nothing of the request and nothing of the data. */
export interface Problem {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  /** The stable code. */
  readonly reason: string
  /** The same code again. */
  readonly detail: string
}

/** The status of each code; every other code of ours is a fault of the server. */
const statuses: Readonly<Record<string, number>> = {
  'request.invalid': 400,
  'tenant.missing': 400,
  'tenant.invalid': 400,
  'tenant.unknown': 403,
  'identity.missing': 401,
  'identity.invalid': 401,
  'tenant.mismatch': 403,
  'membership.missing': 403,
  'role.forbidden': 403,
  'scope.forbidden': 403,
  'tenancy.disabled': 501,
}

/** The status that refuses a request at the boundary with `code`. */
export function statusOf(code: string): number {
  return statuses[code] ?? 500
}

/** The body that goes with a code. */
export function problemOf(reason: string, status: number = statusOf(reason)): Problem {
  const title = STATUS_CODES[status] ?? 'Error'
  return { type: 'about:blank', title, status, reason, detail: reason }
}

/** Codes that mean a refusal of this caller, wherever in the work they are thrown. */
const refusals: readonly string[] = ['role.forbidden', 'scope.forbidden', 'tenancy.disabled']

/**
 * What a client may learn of an error that the work threw: `undefined` when it is none of ours.
 * Codes that would blame the caller at the boundary are the server's fault here: the request was
 * admitted, and then the work lost its tenant.
 */
export function problemOfError(error: unknown): Problem | undefined {
  if (!isPartywallError(error)) return undefined
  return problemOf(error.code, refusals.includes(error.code) ? statusOf(error.code) : 500)
}
