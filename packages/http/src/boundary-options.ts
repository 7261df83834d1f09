import type { Environment, TenantId, TenantIdOptions } from '@partywall/context'
import { blockAlways, type Enforcement, type TenantLookup } from '@partywall/context/spi'
import type { RequestSources } from './admission.ts'
import { invalidOption } from './boundary-error.ts'
import type { Authenticator } from './credentials.ts'
import { checkFields, checkMethods, unexpected } from './option-shape.ts'

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
  /**
   * Carries the kill switch, such as `rollout.enforcement`. A service that is to have none says so:
   * nothing then closes this boundary but a deployment.
   */
  readonly enforcement: Enforcement | 'no_kill_switch'
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
  /** How unknown and suspended tenants are refused. @defaultValue `403` */
  readonly unknownTenantStatus?: 400 | 403 | undefined
  /** Which ids are well-formed. */
  readonly tenantIds?: TenantIdOptions | undefined
}

const fields = [
  'environment',
  'lookup',
  'sources',
  'enforcement',
  'authenticator',
  'publicRoutes',
  'whenMissing',
  'unknownTenantStatus',
  'tenantIds',
]

/**
 * Checks the options that the compiler checks for others: whoever calls from JavaScript must not
 * find out by a request.
 * @throws {@link BoundaryError} `http.invalid_options`
 */
export function checkBoundaryOptions(options: BoundaryOptions): void {
  checkFields('options', options, fields)
  const { lookup, authenticator, publicRoutes, tenantIds, unknownTenantStatus } = options
  checkMethods('lookup', lookup, {
    methods: ['find', 'membership'],
    expected: 'a registry or another TenantLookup',
  })
  if (authenticator !== undefined) {
    const expected = 'an Authenticator, such as verifyJwt() returns'
    checkMethods('authenticator', authenticator, { methods: ['authenticate'], expected })
    if (typeof authenticator.field !== 'string' || !isLowerField(authenticator.field)) {
      const name = 'the name of a header field in lower case'
      throw unexpected('authenticator.field', authenticator.field, name)
    }
  } else if (publicRoutes !== 'all') {
    throw invalidOption("an authenticator is needed unless publicRoutes is 'all'")
  }
  if (tenantIds !== undefined) checkFields('tenantIds', tenantIds, ['pattern'])
  if (unknownTenantStatus !== undefined && ![400, 403].includes(unknownTenantStatus)) {
    throw unexpected('unknownTenantStatus', unknownTenantStatus, '400 or 403')
  }
}

/** The enforcement that was asked for. A forgotten one would be a boundary that nobody can close. */
export function enforcementOf({ enforcement }: BoundaryOptions): Enforcement {
  if (enforcement === 'no_kill_switch') return blockAlways
  checkMethods('enforcement', enforcement, {
    methods: ['refusal', 'decide'],
    expected: "an Enforcement, such as rollout.enforcement, or 'no_kill_switch'",
  })
  return enforcement
}

const fieldPattern = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/
const queryPattern = /^[A-Za-z0-9_.-]{1,64}$/

function isLowerField(field: string): boolean {
  return fieldPattern.test(field) && field === field.toLowerCase()
}

/** The sources, of which at least one can name a tenant. */
export function sourcesOf({
  sources,
  whenMissing,
  authenticator,
}: BoundaryOptions): RequestSources {
  checkFields('sources', sources, ['header', 'query', 'token'])
  const { header, query, token } = sources
  if (header !== undefined && !(typeof header === 'string' && fieldPattern.test(header))) {
    throw unexpected('sources.header', header, 'the name of a header field')
  }
  if (query !== undefined && !(typeof query === 'string' && queryPattern.test(query))) {
    throw unexpected('sources.query', query, '1–64 letters, digits, "_", "." or "-"')
  }
  if (token !== undefined && typeof token !== 'boolean') {
    throw unexpected('sources.token', token, 'true or false')
  }
  if (token === true && authenticator === undefined) {
    throw invalidOption('sources.token needs an authenticator')
  }
  if (header === undefined && query === undefined && token !== true && whenMissing === undefined) {
    throw invalidOption('sources is empty: no request could name a tenant; expected at least one')
  }
  return Object.freeze({ header: header?.toLowerCase(), query, token })
}

const routePattern = /^[A-Z]{3,16} \/[!-~]*$/

/** Whether a route asks for no identity. */
export function publicRule(
  routes: BoundaryOptions['publicRoutes'] = [],
): (method: string, path: string) => boolean {
  if (routes === 'all') return () => true
  const expected = 'a method and a path, such as "POST /login"'
  if (!Array.isArray(routes))
    throw unexpected('publicRoutes', routes, `'all' or a list, each ${expected}`)
  const known = new Set<string>()
  routes.forEach((route: unknown, index) => {
    if (typeof route !== 'string' || !routePattern.test(route) || route.includes('?')) {
      throw unexpected(`publicRoutes[${index}]`, route, expected)
    }
    known.add(route)
  })
  return (method, path) => known.has(`${method} ${path}`)
}
