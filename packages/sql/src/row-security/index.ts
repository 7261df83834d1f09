/**
 * Row-level security: PostgreSQL itself keeps tenants apart, and somebody checks that it does.
 * @packageDocumentation
 */
export type { BeginSource, TextSender } from './begun-transaction.ts'
export {
  type Finding,
  type FindingRule,
  type FindingSeverity,
  findingRules,
  findingSeverities,
} from './finding.ts'
export type { InspectionOptions } from './inspection.ts'
export { loadSecurityCatalogue } from './load-security-catalogue.ts'
export type { PooledClient, QueryReply, TenantClient, TransactionPool } from './pool-transaction.ts'
export {
  type RowSecurityOptions,
  type RowSecurityStatements,
  rowSecurityStatements,
} from './row-security-statements.ts'
export type {
  ColumnUser,
  DatabaseRole,
  DefinerRoutine,
  Grant,
  Overload,
  OwnedSchema,
  RowPolicy,
  SecurityCatalogue,
  SessionSetting,
  TableIndex,
  TableReference,
  TableSecurity,
} from './security-catalogue.ts'
export {
  type Begun,
  type StatementSender,
  type TenantTransaction,
  type TenantTransactionOptions,
  type TransactionSource,
  withTenantTransaction,
} from './tenant-transaction.ts'
export { verifyRowSecurity } from './verify-row-security.ts'
