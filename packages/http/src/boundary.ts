import {
  createTenantContext,
  type Environment,
  parseEnvironment,
  parseTenantId,
  type TenantContext,
  type TenantId,
  type TenantIdOptions,
} from '@partywall/context'
import { blockAlways, type Enforcement, publish, type TenantLookup } from '@partywall/context/spi'
import { type Admission, type AdmissionRules, admit, type RequestSources } from './admission.ts'
import { invalidOption } from './boundary-error.ts'
import type { Authenticator, Credentials } from './credentials.ts'
import { pathOf, type RequestView } from './request-view.ts'

/** Which tenants exist; a registry also tells when a tenant's right ends. */
export interface BoundaryLookup extends TenantLookup {
  /** Aborted when the tenant is suspended or gone. */
  signal?(tenantId: TenantId): AbortSignal
}

export interface BoundaryOptions {
  /** What this deployment is. */
  readonly environment: Environment | string | undefined
  readonly lookup: BoundaryLookup
  /** Where a request may name its tenant, in the fixed order header, query, token. */
  readonly sources: RequestSources
  /** How a request proves who sent it, such as `verifyJwt`. Only `publicRoutes: 'all'` needs none. */
  readonly authenticator?: Authenticator | undefined
  /**
   * Routes that ask for no identity, such as `POST /login`: method and path exactly as sent, so
   * that every other spelling asks. They run in the scope of the tenant that was named.
   * @defaultValue none
   */
  readonly publicRoutes?: readonly string[] | 'all' | undefined
  /** The tenant of requests that name none, say from an environment variable. @defaultValue refuse */
  readonly whenMissing?: string | undefined
  /** Carries the kill switch. */
  readonly enforcement?: Enforcement | undefined
  /** How unknown and suspended tenants are refused. @defaultValue `403` */
  readonly unknownTenantStatus?: 400 | 403 | undefined
  /** Which ids are well-formed. */
  readonly tenantIds?: TenantIdOptions | undefined
}

/** The way in: every request is admitted for one tenant, or refused with a reason. */
export interface Boundary {
  /** Header fields that a decision may go by, in lower case. */
  readonly fields: readonly string[]
  /** Decides about one request. */
  receive(request: RequestView): Promise<Admission>
  /** The scope of an admitted request. */
  contextOf(admission: Extract<Admission, { ok: true }>): TenantContext
  /** The status of a refusal. */
  readonly unknownTenantStatus: 400 | 403
}

/**
 * Checks every option; nothing is left for the first request to find.
 * @throws {@link BoundaryError} `http.invalid_options`; `env.missing`, `env.invalid` or
 * `tenant.invalid` for an `environment` or a `whenMissing` that is none.
 */
export function createBoundary(options: BoundaryOptions): Boundary {
  const { lookup, authenticator, publicRoutes = [], whenMissing, tenantIds = {} } = options
  const { enforcement = blockAlways, unknownTenantStatus = 403 } = options
  const environment = parseEnvironment(options.environment)
  const sources = checkSources(options.sources, whenMissing)
  if (authenticator === undefined && publicRoutes !== 'all') {
    throw invalidOption("an authenticator is needed unless publicRoutes is 'all'")
  }
  const field = authenticator?.field
  if (field !== undefined && (!fieldPattern.test(field) || field !== field.toLowerCase())) {
    throw invalidOption('authenticator.field is no name of a header field in lower case')
  }
  if (sources.token === true && authenticator === undefined) {
    throw invalidOption('the token source needs an authenticator')
  }
  if (unknownTenantStatus !== 400 && unknownTenantStatus !== 403) {
    throw invalidOption('unknownTenantStatus must be 400 or 403')
  }
  const rules: AdmissionRules = Object.freeze({
    sources,
    whenMissing: whenMissing === undefined ? undefined : parseTenantId(whenMissing, tenantIds),
    isPublic: publicRule(publicRoutes),
    credentialField: field,
    lookup,
    enforcement,
    tenantIds,
  })

  async function credentialsOf(request: RequestView): Promise<Credentials> {
    const isPublic = rules.isPublic(request.method, pathOf(request.target))
    if (authenticator === undefined || isPublic) return { kind: 'none' }
    try {
      return await authenticator.authenticate(request)
    } catch (error) {
      publish({ type: 'fault', surface: 'http', error })
      return { kind: 'invalid' }
    }
  }

  return Object.freeze({
    fields: [sources.header, field].filter((name) => name !== undefined),
    unknownTenantStatus,
    receive: async (request: RequestView) => admit(request, await credentialsOf(request), rules),
    contextOf({ tenantId, source, member }: Extract<Admission, { ok: true }>) {
      // On first use: most work never looks at it. A signal of its own, so that listeners end with
      // the request and not with the tenant.
      const signal = (): AbortSignal =>
        AbortSignal.any(lookup.signal === undefined ? [] : [lookup.signal(tenantId)])
      return createTenantContext(
        {
          tenantId,
          env: environment,
          source,
          signal,
          ...(member === undefined
            ? {}
            : {
                userId: member.subject,
                issuer: member.issuer,
                role: member.role,
                scopes: member.scopes,
              }),
        },
        tenantIds,
      )
    },
  })
}

const fieldPattern = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/
const routePattern = /^[A-Z]{3,16} \/[!-~]*$/

function checkSources(sources: RequestSources, whenMissing: string | undefined): RequestSources {
  const { header, query, token } = sources
  if (header !== undefined && !fieldPattern.test(header)) {
    throw invalidOption('sources.header is no name of a header field')
  }
  if (query !== undefined && !/^[A-Za-z0-9_.-]{1,64}$/.test(query)) {
    throw invalidOption('sources.query must be 1–64 letters, digits, "_", "." or "-"')
  }
  if (header === undefined && query === undefined && token !== true && whenMissing === undefined) {
    throw invalidOption('no request could name a tenant: give at least one source')
  }
  return Object.freeze({ header: header?.toLowerCase(), query, token })
}

function publicRule(routes: readonly string[] | 'all'): AdmissionRules['isPublic'] {
  if (routes === 'all') return () => true
  const known = new Set(routes)
  for (const route of known) {
    if (!routePattern.test(route) || route.includes('?')) {
      throw invalidOption('each public route is a method and a path, such as "POST /login"')
    }
  }
  return (method, path) => known.has(`${method} ${path}`)
}
