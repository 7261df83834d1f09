import { PartywallError } from '@partywall/context'

/** Why `@partywall/testing` could not do what was asked. */
export type TestingErrorCode =
  | 'testing.database_unreachable'
  | 'testing.database_forbidden'
  | 'testing.postgres_unavailable'
  | 'testing.port_taken'
  | 'testing.redis_unreachable'
  | 'testing.redis_unavailable'
  | 'testing.interference'
  | 'testing.options'

/** Raised when a server cannot be had, or when a tenant could see or touch another one. */
export class TestingError extends PartywallError<TestingErrorCode> {
  override readonly name = 'TestingError'
}
