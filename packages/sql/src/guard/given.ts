import { type Checks, createChecks } from '../known-options.ts'
import { SqlGuardError, type SqlGuardErrorCode } from './sql-guard-error.ts'

/** Options, and what else is no schema, catalogue or client. */
export const inOptions: Checks = checksOf('sql.options')
/** Schemas, and the declarations in them. */
export const inSchema: Checks = checksOf('sql.schema')
export const inCatalogue: Checks = checksOf('sql.catalogue')
/** Pools, clients and what else is guarded. */
export const inClient: Checks = checksOf('sql.client')

function checksOf(code: SqlGuardErrorCode): Checks {
  return createChecks((message) => new SqlGuardError(code, message))
}
