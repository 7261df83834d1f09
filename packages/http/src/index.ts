/**
 * The boundary: every request is admitted for one proven tenant, or refused with a reason.
 * @packageDocumentation
 */
export {
  type Admission,
  type AdmissionRules,
  admit,
  type RefusalCode,
  type RequestSources,
  refusalCodes,
} from './admission.ts'
export { type Boundary, createBoundary } from './boundary.ts'
export { BoundaryError, type BoundaryErrorCode } from './boundary-error.ts'
export type { BoundaryLookup, BoundaryOptions } from './boundary-options.ts'
export type { Authenticator, Credentials } from './credentials.ts'
export { type Problem, problemOf, problemOfError } from './problem.ts'
export type { RequestView } from './request-view.ts'
export { requireRole, requireScope } from './require-role.ts'
