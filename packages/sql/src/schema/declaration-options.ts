import { severities } from '@partywall/context/spi'
import { aFlag, aFunction, aName, names, oneOf, optional } from '../expected.ts'
import type { KnownOptions } from '../known-options.ts'
import { ownerTypes } from './column-type.ts'
import type { GlobalOptions, OwnerOptions, ThroughOptions } from './declared-table.ts'
import type { TenantSchemaOptions } from './tenant-schema.ts'

export const throughOptions: KnownOptions<ThroughOptions> = {
  model: optional(aName),
  severity: optional(oneOf(severities)),
  columns: optional(names),
}

export const ownerOptions: KnownOptions<OwnerOptions> = {
  ...throughOptions,
  type: optional(oneOf(ownerTypes)),
  tenantKey: optional(aFunction),
  shared: optional(oneOf(['null'])),
  keyOracle: optional(aFlag),
  trusted: optional(aFlag),
}

export const globalOptions: KnownOptions<GlobalOptions> = {
  columns: optional(names),
  writable: optional(aFlag),
  trusted: optional(aFlag),
}

export const schemaOptions: KnownOptions<TenantSchemaOptions> = {
  tenantKey: optional(aFunction),
  defaultSchema: optional(aName),
  types: optional(names),
  functions: optional(names),
  extensions: optional(names),
}
