import { randomUUID } from 'node:crypto'
import { type Environment, parseEnvironment } from './environment.ts'
import type { Scope } from './scope.ts'
import { parseTenantId, type TenantId, type TenantIdOptions } from './tenant-id.ts'

/** What a member may be in a tenant. */
export const roles = ['owner', 'admin', 'member'] as const
export type Role = (typeof roles)[number]

/** Where the name of the tenant came from. */
export const tenantSources = [
  'route',
  'header',
  'query',
  'cookie',
  'host',
  'token',
  'environment',
  'envelope',
  'code',
] as const
export type TenantSource = (typeof tenantSources)[number]

/**
 * Who a piece of work is for. Frozen and small: never a request, a response or a token in it.
 * Projects add fields of their own by declaration merging.
 */
export interface TenantContext {
  readonly tenantId: TenantId
  readonly env: Environment
  readonly userId?: string
  readonly role?: Role
  readonly scopes?: readonly string[]
  /** Who vouches for `userId`: the same subject of another issuer is another person. */
  readonly issuer?: string
  readonly source: TenantSource
  readonly requestId: string
  /** Aborted when the right to act for this tenant ends. Made on first use. */
  readonly signal: AbortSignal
}

type Supplied = 'tenantId' | 'env' | 'source' | 'requestId' | 'signal'

/** What {@link createTenantContext} needs: at least the tenant and the environment. */
export type TenantContextInit = Omit<TenantContext, Supplied> & {
  readonly tenantId: TenantId | string
  readonly env: Environment
  /** @defaultValue `'code'` */
  readonly source?: TenantSource | undefined
  /** @defaultValue a random UUID */
  readonly requestId?: string | undefined
  /** The end of the right to act for the tenant; a function is called on first use. */
  readonly signal?: AbortSignal | (() => AbortSignal) | undefined
}

/**
 * Checks and freezes a context.
 * @throws {@link PartywallError} `tenant.missing`, `tenant.invalid`, `env.missing` or `env.invalid`.
 */
export function createTenantContext(
  init: TenantContextInit,
  options?: TenantIdOptions,
): TenantContext {
  return new FrozenContext(init, options)
}

const scope: unique symbol = Symbol.for('partywall.context/0/tenant') as never

/** A context that was checked, by whichever copy of this package. */
interface CheckedContext extends TenantContext {
  /** Made once: entering a scope is a hot path. */
  readonly [scope]: TenantScope
}

/** The scope of a tenant outside of any operation. */
interface TenantScope extends Scope {
  readonly tenant: TenantContext
}

/** Whether `value` is a context that was checked, by whichever copy of this package. */
export function isTenantContext(value: object): value is TenantContext {
  return scope in value
}

/** The scope of a tenant outside of any operation; an init object is checked first. */
export function scopeOf(tenant: TenantContext | TenantContextInit): TenantScope {
  return (tenant as Partial<CheckedContext>)[scope] ?? new FrozenContext(tenant)[scope]
}

class FrozenContext implements CheckedContext {
  readonly tenantId: TenantId
  readonly env: Environment
  readonly source: TenantSource
  readonly requestId: string
  #signal: AbortSignal | (() => AbortSignal) | undefined
  #scope: TenantScope | undefined

  constructor(init: TenantContextInit, options?: TenantIdOptions) {
    const { tenantId, env, source, requestId, signal, ...rest } = init
    this.tenantId = parseTenantId(tenantId, options)
    this.env = parseEnvironment(env)
    this.source = source ?? 'code'
    this.requestId = requestId ?? randomUUID()
    this.#signal = signal
    Object.assign(this, rest)
    if (init.scopes !== undefined) {
      Object.assign(this, { scopes: Object.freeze([...init.scopes]) })
    }
    Object.freeze(this)
  }

  get [scope](): TenantScope {
    this.#scope ??= Object.freeze({ tenant: this, system: undefined, operation: undefined })
    return this.#scope
  }

  // An AbortController costs a microsecond; most work never looks at it.
  get signal(): AbortSignal {
    if (typeof this.#signal === 'function') this.#signal = this.#signal()
    this.#signal ??= new AbortController().signal
    return this.#signal
  }
}
