/**
 * Which tenants exist, and what they may.
 * @packageDocumentation
 */
export { memory, type TenantInit } from './memory.ts'
export { createRegistry, type Registry, type Reload } from './registry.ts'
export {
  describeProblem,
  RegistryError,
  type RegistryErrorCode,
  type RegistryProblem,
} from './registry-error.ts'
export type { RegistryOptions } from './registry-options.ts'
export type { RegistrySnapshot } from './snapshot.ts'
export type {
  PathStep,
  Position,
  RegistrySource,
  SourceReading,
  TenantDocument,
} from './source.ts'
export type { Member, Tenant } from './tenant.ts'
export { type YamlDirectoryOptions, yamlDirectory } from './yaml-directory.ts'
