/**
 * Verified JSON Web Tokens as credentials.
 * @packageDocumentation
 */
import type { KeyObject } from 'node:crypto'
import { parseTenantId, type TenantId, type TenantIdOptions } from '@partywall/context'
import { type CryptoKey, createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose'
import { invalidOption } from './boundary-error.ts'
import type { Authenticator, Credentials } from './credentials.ts'
import { checkFields, unexpected } from './option-shape.ts'
import { noTokens, rememberTokens } from './remembered-tokens.ts'

/** Signatures that are accepted at all; `none` is not among them. */
export const jwtAlgorithms = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const
export type JwtAlgorithm = (typeof jwtAlgorithms)[number]

/** Somebody whose tokens are believed, and how far. */
export interface JwtIssuer {
  /** The exact `iss`. */
  readonly issuer: string
  /** The exact `aud`, or several of which a token needs one. */
  readonly audience: string | readonly string[]
  readonly algorithms: readonly JwtAlgorithm[]
  /** A public key, a key set, or the secret of an `HS…` algorithm. */
  readonly keys: JSONWebKeySet | KeyObject | CryptoKey | Uint8Array
  /** The tenants that this issuer may speak for. */
  readonly tenants: readonly string[] | 'any'
  /** The claim that names the tenant. It may be absent from a token, never malformed. */
  readonly tenantClaim?: string | undefined
}

export interface JwtOptions extends TenantIdOptions {
  readonly issuers: readonly JwtIssuer[]
  /** Epoch milliseconds of the wall clock. @defaultValue `Date.now` */
  readonly clock?: (() => number) | undefined
  /** How far clocks may differ. @defaultValue `5` */
  readonly clockToleranceSeconds?: number | undefined
  /** Longer tokens are invalid, unread. @defaultValue `8192` */
  readonly maxTokenBytes?: number | undefined
  /**
   * Of how many verified tokens the proof is remembered, so that the next request with one of them
   * costs no signature. `exp` and `nbf` are compared each time. `0` verifies every one anew.
   * @defaultValue `1000`
   */
  readonly rememberedTokens?: number | undefined
}

const optionFields = [
  'issuers',
  'clock',
  'clockToleranceSeconds',
  'maxTokenBytes',
  'rememberedTokens',
  'pattern',
]
const issuerFields = ['issuer', 'audience', 'algorithms', 'keys', 'tenants', 'tenantClaim']

type KeyedIssuer = Omit<JwtIssuer, 'tenants'> & {
  readonly allowed: readonly TenantId[] | 'any'
  readonly verify: (token: string, at: Date) => ReturnType<typeof jwtVerify>
}

/**
 * Reads `Authorization: Bearer` and believes it only after its signature, issuer, audience and
 * times are verified. `exp` and `sub` are required. A token is kept nowhere: what it proved is
 * remembered by its digest.
 * @throws {@link BoundaryError} `http.invalid_options`; `tenant.invalid` for a tenant that is none.
 */
export function verifyJwt(options: JwtOptions): Authenticator {
  checkFields('options', options, optionFields)
  const { clock = Date.now, clockToleranceSeconds = 5, maxTokenBytes = 8192, pattern } = options
  const { rememberedTokens = 1000 } = options
  if (!(clockToleranceSeconds >= 0 && clockToleranceSeconds <= 300)) {
    throw invalidOption('clockToleranceSeconds must be 0–300')
  }
  if (!Number.isSafeInteger(maxTokenBytes) || maxTokenBytes < 1) {
    throw invalidOption('maxTokenBytes must be a positive integer')
  }
  if (!Number.isSafeInteger(rememberedTokens) || rememberedTokens < 0 || rememberedTokens > 1e6) {
    throw invalidOption('rememberedTokens must be a whole number, 0–1000000')
  }
  if (!Array.isArray(options.issuers)) throw unexpected('issuers', options.issuers, 'a list')
  if (typeof clock !== 'function') throw unexpected('clock', clock, 'a function')
  const issuers = new Map<string, KeyedIssuer>()
  for (const issuer of options.issuers) {
    const keyed = keyIssuer(issuer, clockToleranceSeconds, { pattern })
    if (issuers.has(keyed.issuer)) throw invalidOption('an issuer is configured twice')
    issuers.set(keyed.issuer, keyed)
  }
  if (issuers.size === 0) throw invalidOption('issuers is empty: nobody could be believed')

  const proofs =
    rememberedTokens === 0 ? noTokens : rememberTokens(rememberedTokens, clockToleranceSeconds)
  return Object.freeze({
    field: 'authorization',
    async authenticate(request): Promise<Credentials> {
      const values = request.all('authorization')
      const [value] = values
      if (value === undefined) return { kind: 'none' }
      const token = /^Bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(value)?.[1]
      if (values.length > 1 || token === undefined || token.length > maxTokenBytes) {
        return { kind: 'invalid' }
      }
      try {
        const now = clock()
        // No expiry is ever past on a clock that shows no number.
        if (!Number.isFinite(now)) return { kind: 'invalid' }
        const remembered = proofs.recall(token, now)
        if (remembered !== undefined) return remembered
        // Only to choose the key by: nothing of it is believed before it is verified.
        const issuer = issuers.get(decodeJwt(token).iss ?? '')
        if (issuer === undefined) return { kind: 'invalid' }
        const { payload } = await issuer.verify(token, new Date(now))
        const tenant = issuer.tenantClaim === undefined ? undefined : payload[issuer.tenantClaim]
        if (!isSubject(payload.sub)) return { kind: 'invalid' }
        const proved = Object.freeze({
          kind: 'verified',
          identity: Object.freeze({ issuer: issuer.issuer, subject: payload.sub }),
          tenants: issuer.allowed,
          ...(tenant === undefined ? {} : { tenantId: parseTenantId(tenant, { pattern }) }),
        } satisfies Credentials)
        proofs.remember(token, payload, proved)
        return proved
      } catch {
        // Whatever was wrong with it. The error may carry claims, so it goes no further.
        return { kind: 'invalid' }
      }
    },
  } satisfies Authenticator)
}

function keyIssuer(
  config: JwtIssuer,
  clockTolerance: number,
  tenantIds: TenantIdOptions,
): KeyedIssuer {
  checkFields('an issuer', config, issuerFields)
  const { issuer, audience, algorithms, keys, tenants, tenantClaim } = config
  const audiences = typeof audience === 'string' ? [audience] : audience
  for (const [field, value] of Object.entries({ audience: audiences, algorithms })) {
    if (!isTexts(value)) throw unexpected(`${field} of an issuer`, value, 'a list of strings')
  }
  if (typeof issuer !== 'string') throw unexpected('issuer', issuer, 'a string')
  if (tenants !== 'any' && !isTexts(tenants)) {
    throw unexpected('tenants of an issuer', tenants, "'any' or a list of tenant ids")
  }
  if (tenantClaim !== undefined && (typeof tenantClaim !== 'string' || tenantClaim === '')) {
    throw unexpected('tenantClaim', tenantClaim, 'the name of a claim')
  }
  if (typeof keys !== 'object' || keys === null) {
    throw unexpected('keys of an issuer', keys, 'a key set, a key or the bytes of a secret')
  }
  if (issuer === '') throw invalidOption('an issuer is blank')
  if (audiences.length === 0 || audiences.includes('')) throw invalidOption('an audience is blank')
  const known: readonly string[] = jwtAlgorithms
  if (algorithms.length === 0 || !algorithms.every((name) => known.includes(name))) {
    throw invalidOption(`algorithms must be some of ${jwtAlgorithms.join(', ')}`)
  }
  const shared = algorithms.filter((name) => name.startsWith('HS'))
  const secret = keys instanceof Uint8Array
  if (secret ? shared.length < algorithms.length : shared.length > 0) {
    throw invalidOption('HS… algorithms need a secret, all others a public key: never mix them')
  }
  if (secret && keys.length < 32) throw invalidOption('a secret must have at least 32 bytes')
  const checks = {
    issuer,
    audience: [...audiences],
    algorithms: [...algorithms],
    clockTolerance,
    requiredClaims: ['exp', 'sub'],
  }
  // Copies: what a token proved may be remembered, so nobody changes the keys afterwards.
  const keySet = isKeySet(keys) ? createLocalJWKSet(keys) : undefined
  const key = secret ? Uint8Array.from(keys) : keys
  return {
    ...config,
    allowed:
      tenants === 'any' ? 'any' : Object.freeze(tenants.map((id) => parseTenantId(id, tenantIds))),
    verify(token, currentDate) {
      const at = { ...checks, currentDate }
      if (keySet !== undefined) return jwtVerify(token, keySet, at)
      // Narrowed by the same test that made `keySet`.
      return jwtVerify(token, key as Exclude<JwtIssuer['keys'], JSONWebKeySet>, at)
    },
  }
}

function isKeySet(keys: JwtIssuer['keys']): keys is JSONWebKeySet {
  return 'keys' in keys && Array.isArray(keys.keys)
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function isSubject(value: unknown): value is string {
  return typeof value === 'string' && /^\P{Cc}{1,255}$/u.test(value)
}
