/**
 * No query of Prisma's crosses the wall.
 * @packageDocumentation
 */
export { guardAdapter } from './guard-adapter.ts'
export { PrismaGuardError, type PrismaGuardErrorCode } from './prisma-guard-error.ts'
export { type TenantExtensionOptions, tenantExtension } from './tenant-extension.ts'
export {
  type PrismaTenantSchemaOptions,
  tenantSchemaFromPrisma,
} from './tenant-schema-from-prisma.ts'
