import {
  createTenantContext,
  parseEnvironment,
  parseTenantId,
  type TenantContext,
} from '@partywall/context'
import { publish } from '@partywall/context/spi'
import { type Admission, type AdmissionRules, admit } from './admission.ts'
import {
  type BoundaryOptions,
  checkBoundaryOptions,
  enforcementOf,
  publicRule,
  sourcesOf,
} from './boundary-options.ts'
import type { Credentials } from './credentials.ts'
import { checkMethods } from './option-shape.ts'
import { pathOf, type RequestView } from './request-view.ts'

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
  checkBoundaryOptions(options)
  const { lookup, authenticator, whenMissing, tenantIds = {}, unknownTenantStatus = 403 } = options
  const environment = parseEnvironment(options.environment)
  const sources = sourcesOf(options)
  const field = authenticator?.field
  const rules: AdmissionRules = Object.freeze({
    sources,
    whenMissing: whenMissing === undefined ? undefined : parseTenantId(whenMissing, tenantIds),
    isPublic: publicRule(options.publicRoutes),
    credentialField: field,
    lookup,
    enforcement: enforcementOf(options),
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

/** @throws {@link BoundaryError} `http.invalid_options` for what is no boundary. */
export function checkBoundary(boundary: Boundary): void {
  checkMethods('boundary', boundary, {
    methods: ['receive', 'contextOf'],
    expected: 'what createBoundary() returns',
  })
}
