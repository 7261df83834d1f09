import type { TenantIdOptions } from '@partywall/context'
import type { StandardSchemaV1 } from '@standard-schema/spec'

/** How documents become tenants. `pattern` widens what is an id. */
export interface RegistryOptions<Metadata = unknown> extends TenantIdOptions {
  /**
   * Checks and types the `metadata` field; any schema library that speaks Standard Schema.
   * @defaultValue plain data, unchecked
   */
  readonly metadata?: StandardSchemaV1<unknown, Metadata> | undefined
  /** Follow the source. With `false`, only `reload()` reads it again. @defaultValue `true` */
  readonly watch?: boolean | undefined
}
