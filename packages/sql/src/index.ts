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
  CatalogueCast,
  CatalogueColumn,
  CatalogueDomain,
  CatalogueExtension,
  CatalogueRoutine,
  CatalogueTable,
  ForeignKey,
  IndexKey,
  NamedExpression,
  NullEquals,
  ReferentialAction,
  TableKind,
  TextSetting,
  UniqueIndex,
  UsedRoutine,
} from './schema/catalogue.ts'
export type { CatalogueReader } from './schema/catalogue-reader.ts'
export { type Family, type OwnerType, ownerTypes } from './schema/column-type.ts'
export {
  type DeclaredTable,
  type GlobalOptions,
  type GlobalTable,
  global,
  type OwnerOptions,
  type OwnerTable,
  ownedThrough,
  owner,
  type ThroughOptions,
  type ThroughTable,
} from './schema/declared-table.ts'
export { type DerivedSchemaOptions, deriveTenantSchema } from './schema/derive-schema.ts'
export { generateTenantSchema } from './schema/generate-schema.ts'
export { liveSchema } from './schema/live-schema.ts'
export { loadCatalogue } from './schema/load-catalogue.ts'
export {
  defineTenantSchema,
  type Relation,
  type TablesOf,
  type TenantKey,
  type TenantSchema,
  type TenantSchemaOptions,
} from './schema/tenant-schema.ts'
export {
  type CatalogueLook,
  type CatalogueWatch,
  type WatchCatalogueOptions,
  watchCatalogue,
} from './schema/watch-catalogue.ts'
