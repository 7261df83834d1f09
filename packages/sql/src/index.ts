/**
 * No query crosses the wall.
 * @packageDocumentation
 */

export {
  createGuard,
  type Guard,
  type GuardSession,
  type SentStatement,
  type SessionOptions,
} from './guard/guard.ts'
export type { GuardOptions } from './guard/guard-options.ts'
export type { GivenKey, OwnKeys, Receipt } from './guard/own-keys.ts'
export { SqlGuardError, type SqlGuardErrorCode } from './guard/sql-guard-error.ts'
export type { SessionState } from './guard/transaction-tenant.ts'
export type { ClientCall } from './guard/violations.ts'
export { type StatementText, splitStatements } from './parse/split-statements.ts'
export { explainProof, type ProofLine } from './proof/explain-proof.ts'
export type {
  Catalogue,
  CatalogueColumn,
  CatalogueRoutine,
  CatalogueTable,
  ForeignKey,
  IndexKey,
  NullEquals,
  ReferentialAction,
  TableKind,
  TextSetting,
  UniqueIndex,
} from './schema/catalogue.ts'
export type { OwnerType } from './schema/column-type.ts'
export { type DerivedSchemaOptions, deriveTenantSchema } from './schema/derive-schema.ts'
export { generateTenantSchema } from './schema/generate-schema.ts'
export { liveSchema } from './schema/live-schema.ts'
export { type CatalogueReader, loadCatalogue } from './schema/load-catalogue.ts'
export {
  defineTenantSchema,
  type GlobalOptions,
  type GlobalTable,
  global,
  type OwnerOptions,
  type OwnerTable,
  ownedThrough,
  owner,
  type Relation,
  type TablesOf,
  type TenantKey,
  type TenantSchema,
  type TenantSchemaOptions,
  type ThroughTable,
} from './schema/tenant-schema.ts'
export {
  type CatalogueLook,
  type CatalogueWatch,
  type WatchCatalogueOptions,
  watchCatalogue,
} from './schema/watch-catalogue.ts'
