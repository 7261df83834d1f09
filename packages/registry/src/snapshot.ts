import type { TenantId } from '@partywall/context'
import type { Identity, Membership } from '@partywall/context/spi'
import type { RegistryProblem } from './registry-error.ts'
import type { RegistryOptions } from './registry-options.ts'
import type { SourceReading, TenantDocument } from './source.ts'
import type { Tenant } from './tenant.ts'
import { problemAt, readTenant } from './tenant-document.ts'

/** All tenants at one moment. Frozen: later readings make another one. */
export interface RegistrySnapshot<Metadata = unknown> {
  /** Counts the sets applied by this process, from 1. */
  readonly version: number
  /** Ordered by id. */
  readonly tenants: readonly Tenant<Metadata>[]
}

/** A snapshot with its indexes: what lookups read, by one reference. */
export interface IndexedSnapshot<Metadata> {
  readonly snapshot: RegistrySnapshot<Metadata>
  readonly tenants: ReadonlyMap<string, Tenant<Metadata>>
  membership(tenantId: TenantId, identity: Identity): Membership | undefined
}

type SetReading<Metadata> =
  | { readonly ok: true; readonly indexed: IndexedSnapshot<Metadata> }
  | { readonly ok: false; readonly problems: readonly RegistryProblem[] }

/** All or nothing: one bad document, and the whole set is refused with everything wrong in it. */
export async function readSet<Metadata>(
  reading: SourceReading,
  version: number,
  options: RegistryOptions<Metadata>,
): Promise<SetReading<Metadata>> {
  const problems = [...reading.problems]
  const tenants = new Map<string, Tenant<Metadata>>()
  const firsts = new Map<string, TenantDocument>()
  for (const document of reading.documents) {
    const result = await readTenant(document, options)
    if (!result.ok) {
      problems.push(...result.problems)
      continue
    }
    const { tenantId } = result.tenant
    const first = firsts.get(tenantId)
    if (first === undefined) {
      firsts.set(tenantId, document)
      tenants.set(tenantId, result.tenant)
    } else {
      const where = first.file === undefined ? 'an earlier tenant' : `in ${first.file}`
      problems.push(problemAt(document, ['tenant_id'], `is already taken ${where}`))
    }
  }
  if (problems.length > 0) return { ok: false, problems: Object.freeze(problems) }
  // A folder that is gone or not mounted yet looks like this; suspending is the way to end all.
  if (tenants.size === 0) return { ok: false, problems: [{ message: 'there is no tenant at all' }] }
  return { ok: true, indexed: index(tenants, version) }
}

function index<Metadata>(
  tenants: ReadonlyMap<string, Tenant<Metadata>>,
  version: number,
): IndexedSnapshot<Metadata> {
  const members = new Map<string, Membership>()
  for (const tenant of tenants.values()) {
    for (const member of tenant.members) members.set(memberKey(tenant.tenantId, member), member)
  }
  const ordered = [...tenants.keys()].sort().flatMap((id) => tenants.get(id) ?? [])
  return {
    snapshot: Object.freeze({ version, tenants: Object.freeze(ordered) }),
    tenants,
    membership: (tenantId, identity) => members.get(memberKey(tenantId, identity)),
  }
}

/** Unambiguous whatever the issuer and the subject contain: an id has no slash, a length no text. */
function memberKey(tenantId: TenantId, { issuer, subject }: Identity): string {
  return `${tenantId}/${issuer.length}/${issuer}/${subject}`
}
