import { PartywallError } from '@partywall/context'

/** Why `@partywall/sql` refused. */
export type SqlGuardErrorCode =
  | 'TENANT_CONTEXT_REQUIRED'
  | 'tenancy.disabled'
  | 'sql.options'
  | 'sql.schema'
  | 'sql.catalogue'
  | 'sql.client'
  | 'sql.transaction'
  | 'sql.unscoped'

/**
 * A statement that was not sent, or options, a schema or a client that were not taken. `TENANT_CONTEXT_REQUIRED` names
 * the first blocked model in its message; `tenancy.disabled` is the kill switch.
 */
export class SqlGuardError extends PartywallError<SqlGuardErrorCode> {
  override readonly name = 'SqlGuardError'
}
