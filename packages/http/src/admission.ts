import {
  isPartywallError,
  parseTenantId,
  type TenantId,
  type TenantIdOptions,
} from '@partywall/context'
import type { Enforcement, Identity, Membership, TenantLookup } from '@partywall/context/spi'
import type { Credentials } from './credentials.ts'
import { dropsField, pathOf, queryValues, type RequestView } from './request-view.ts'

/** Why a request is not admitted, in the order in which the reasons are looked for. */
export const refusalCodes = [
  'request.invalid',
  'tenant.missing',
  'tenant.invalid',
  'tenancy.disabled',
  'tenant.unknown',
  'identity.missing',
  'identity.invalid',
  'tenant.mismatch',
  'membership.missing',
] as const
export type RefusalCode = (typeof refusalCodes)[number]

/** Where a request may name its tenant. A request names it by the first of these that it has. */
export interface RequestSources {
  /** A header field, in lower case. */
  readonly header?: string | undefined
  /** A query parameter. */
  readonly query?: string | undefined
  /** The tenant of a verified token. */
  readonly token?: boolean | undefined
}

/** Everything that an admission goes by. */
export interface AdmissionRules {
  readonly sources: RequestSources
  /** The tenant of requests that name none. Without it they are refused. */
  readonly whenMissing: TenantId | undefined
  /** Whether a route asks for no identity. */
  readonly isPublic: (method: string, path: string) => boolean
  /** The field that credentials come from. */
  readonly credentialField: string | undefined
  readonly lookup: TenantLookup
  readonly enforcement: Enforcement
  readonly tenantIds: TenantIdOptions
}

/** What is to become of a request. */
export type Admission =
  | {
      readonly ok: true
      readonly tenantId: TenantId
      readonly source: 'header' | 'query' | 'token' | 'environment'
      /** Absent on a public route: there nobody was asked. */
      readonly member?: Identity & Membership
      /** Header fields that were consulted, absent ones included. */
      readonly vary: readonly string[]
    }
  | {
      readonly ok: false
      readonly code: RefusalCode
      /** The tenant that was asked for, where its id was well-formed. */
      readonly tenantId?: TenantId
      /** The verified subject that asked. */
      readonly userId?: string
    }

type Named =
  | {
      readonly ok: true
      readonly tenantId: TenantId
      readonly source: 'header' | 'query' | 'token' | 'environment'
    }
  | { readonly ok: false; readonly code: RefusalCode }

/**
 * Decides about one request, by nothing but its arguments. A source that is present but bad ends the
 * decision: it never falls through to a lower one. The kill switch comes before the registry, so
 * nobody learns from it which tenants exist.
 */
export function admit(
  request: RequestView,
  credentials: Credentials,
  rules: AdmissionRules,
): Admission {
  const { sources, credentialField, enforcement, lookup } = rules
  const isPublic = rules.isPublic(request.method, pathOf(request.target))
  const vary = [sources.header, isPublic ? undefined : credentialField].filter(
    (field) => field !== undefined,
  )
  if (dropsField(request, vary)) return { ok: false, code: 'request.invalid' }
  // A public route asks nobody who they are, so what they say about it does not count there.
  const proof: Credentials = isPublic ? { kind: 'none' } : credentials
  const named = nameTenant(request, proof, rules)
  if (!named.ok) return named
  const { tenantId, source } = named

  const userId = proof.kind === 'verified' ? { userId: proof.identity.subject } : {}
  const refuse = (code: RefusalCode): Admission => ({ ok: false, code, tenantId, ...userId })
  if (enforcement.refusal(tenantId) !== undefined) return refuse('tenancy.disabled')
  if (lookup.find(tenantId)?.status !== 'active') return refuse('tenant.unknown')
  if (isPublic) return { ok: true, tenantId, source, vary }
  if (proof.kind === 'none') return refuse('identity.missing')
  if (proof.kind === 'invalid') return refuse('identity.invalid')
  if (!speaksFor(proof, tenantId)) return refuse('tenant.mismatch')
  const membership = lookup.membership(tenantId, proof.identity)
  if (membership === undefined) return refuse('membership.missing')
  return { ok: true, tenantId, source, member: { ...proof.identity, ...membership }, vary }
}

function nameTenant(request: RequestView, proof: Credentials, rules: AdmissionRules): Named {
  const { header, query, token } = rules.sources
  const inHeader = header === undefined ? [] : request.all(header)
  if (inHeader.length > 0) return nameOnce(inHeader, 'header', rules)
  const inQuery = query === undefined ? [] : queryValues(request.target, query)
  if (inQuery.length > 0) return nameOnce(inQuery, 'query', rules)
  if (token === true && proof.kind === 'invalid') return { ok: false, code: 'identity.invalid' }
  if (token === true && proof.kind === 'verified' && proof.tenantId !== undefined) {
    return { ok: true, tenantId: proof.tenantId, source: 'token' }
  }
  return rules.whenMissing === undefined
    ? { ok: false, code: 'tenant.missing' }
    : { ok: true, tenantId: rules.whenMissing, source: 'environment' }
}

function nameOnce(
  values: readonly string[],
  source: 'header' | 'query',
  { tenantIds }: AdmissionRules,
): Named {
  // Even the same id twice: readers differ in which of the two they see.
  if (values.length !== 1) return { ok: false, code: 'tenant.invalid' }
  try {
    return { ok: true, tenantId: parseTenantId(values[0], tenantIds), source }
  } catch (error) {
    if (!isPartywallError(error)) throw error
    return { ok: false, code: 'tenant.invalid' }
  }
}

function speaksFor(proof: Extract<Credentials, { kind: 'verified' }>, tenantId: TenantId): boolean {
  if (proof.tenantId !== undefined && proof.tenantId !== tenantId) return false
  return proof.tenants === 'any' || proof.tenants.includes(tenantId)
}
