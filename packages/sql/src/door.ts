/**
 * What doors to the guard are made with, for clients that have none here.
 * @packageDocumentation
 */
export { type HeldSettings, type PooledSettings, watchPool } from './doors/pooled-settings.ts'
export { copyValues, type PrivateValues } from './doors/private-values.ts'
export { resetSession } from './doors/session-reset.ts'
export {
  aDeclaration,
  aGuard,
  aTenantSchema,
  names,
  optional,
  recordOf,
} from './expected.ts'
export { reportFailure } from './guard/drift.ts'
export { createOwnKeys } from './guard/own-keys.ts'
export { type Checks, createChecks, type Expected, type KnownOptions } from './known-options.ts'
export { schemaOptions } from './schema/declaration-options.ts'
