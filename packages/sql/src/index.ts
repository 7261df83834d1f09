/**
 * No query crosses the wall.
 * @packageDocumentation
 */

export type {
  Catalogue,
  CatalogueColumn,
  CatalogueRoutine,
  CatalogueTable,
  ForeignKey,
  IndexKey,
  ReferentialAction,
  TableKind,
  UniqueIndex,
} from './catalogue.ts'
export type { OwnerType } from './column-type.ts'
export { explainProof, type ProofLine } from './explain-proof.ts'
export { createGuard, type Guard, type GuardSession, type SentStatement } from './guard.ts'
export type { GuardOptions } from './guard-options.ts'
export { liveSchema } from './live-schema.ts'
export { type CatalogueReader, loadCatalogue } from './load-catalogue.ts'
export { SqlGuardError, type SqlGuardErrorCode } from './sql-guard-error.ts'
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
} from './tenant-schema.ts'
