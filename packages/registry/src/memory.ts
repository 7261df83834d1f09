import type { Role } from '@partywall/context'
import type { RegistrySource } from './source.ts'

/** A tenant written in code. */
export interface TenantInit {
  readonly tenantId: string
  readonly name: string
  readonly status: 'active' | 'suspended'
  readonly members?:
    | readonly {
        readonly issuer: string
        readonly subject: string
        readonly role: Role
        readonly scopes?: readonly string[] | undefined
      }[]
    | undefined
  readonly entitlements?: readonly string[] | undefined
  readonly limits?: Readonly<Record<string, number>> | undefined
  readonly createdAt?: string | undefined
  readonly updatedAt?: string | undefined
  readonly metadata?: unknown
}

/**
 * Tenants from code: a list, or a function that is asked again at every `reload()`. They pass the
 * same checks as files do, and are copied.
 */
export function memory(
  tenants: readonly TenantInit[] | (() => readonly TenantInit[] | Promise<readonly TenantInit[]>),
): RegistrySource {
  return {
    async read() {
      const list = typeof tenants === 'function' ? await tenants() : tenants
      // A copy, so that no caller can change what was checked.
      const documents = structuredClone(list).map(toDocument)
      return { documents, problems: [] }
    },
  }
}

function toDocument(init: TenantInit): { readonly value: unknown } {
  const { tenantId, createdAt, updatedAt, ...rest } = init
  const renamed = { tenant_id: tenantId, created_at: createdAt, updated_at: updatedAt, ...rest }
  const given = Object.entries(renamed).filter(([, value]) => value !== undefined)
  return { value: Object.fromEntries(given) }
}
