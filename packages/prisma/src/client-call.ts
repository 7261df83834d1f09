import { AsyncResource } from 'node:async_hooks'
import { currentScope, type Scope } from '@partywall/context/spi'
import type { ClientCall } from '@partywall/sql'
import { createOwnKeys } from '@partywall/sql/door'
import { type RunningCall, runCall } from './running-call.ts'
import type { AdapterQuery } from './sent-query.ts'

/** What Prisma knows of a call when it hands it to its loader. */
interface Request {
  readonly modelName?: string | undefined
  readonly action?: string | undefined
  readonly transaction?: { readonly kind?: string } | undefined
  /** What the engine is asked; of a raw query its text. */
  readonly protocolQuery?: {
    readonly query?: { readonly arguments?: { readonly query?: unknown } }
  }
}

/** The part of Prisma's client that puts calls of one tick together into one query. */
export interface RequestLoader {
  options: {
    batchBy(request: Request): string | undefined
    singleLoader(request: Request): Promise<unknown>
    batchLoader(requests: Request[]): Promise<unknown>
  }
}

/** Where a call came from, kept until the call is run. */
interface Origin {
  readonly scope: Scope | undefined
  readonly run: <Result>(work: () => Result) => Result
}

const bound = new WeakSet<RequestLoader>()

/** Whether the calls of this loader are bound already. */
export function isBound(loader: RequestLoader): boolean {
  return bound.has(loader)
}

/**
 * Lets every call run in the scope that it was made in. Prisma's loader runs what was asked for in
 * one tick in the scope of whoever came first, and puts calls of several tenants into one query:
 * then one tenant's query would be proved for another one.
 */
export function bindCalls(loader: RequestLoader, scope: RunningCall['scope']): void {
  bound.add(loader)
  const { batchBy, singleLoader, batchLoader } = loader.options
  const origins = new WeakMap<Request, Origin>()
  const numbers = new WeakMap<Scope, number>()
  let scopes = 0

  function numberOf(scope: Scope | undefined): number {
    if (scope === undefined) return 0
    const known = numbers.get(scope)
    if (known !== undefined) return known
    scopes += 1
    numbers.set(scope, scopes)
    return scopes
  }

  function originOf(request: Request): Origin {
    const known = origins.get(request)
    if (known !== undefined) return known
    const caller = new AsyncResource('PARTYWALL_CALL')
    const origin: Origin = {
      scope: currentScope(),
      run: (work) => caller.runInAsyncScope(work),
    }
    origins.set(request, origin)
    return origin
  }

  function running(requests: readonly Request[]): RunningCall {
    const raw = requests.flatMap(rawTextOf)
    return {
      call: callOf(requests),
      keys: createOwnKeys(),
      // Prisma may add a comment.
      scope: (query: AdapterQuery) =>
        raw.some((text) => query.sql.startsWith(text)) ? query : scope(query),
    }
  }

  Object.assign(loader.options, {
    batchBy: (request: Request) => {
      const { scope } = originOf(request)
      const batch = batchBy(request)
      // The list of one $transaction is one transaction: it cannot be taken apart.
      if (batch === undefined || request.transaction?.kind === 'batch') return batch
      return `${numberOf(scope)} ${batch}`
    },
    singleLoader: (request: Request) =>
      originOf(request).run(() => runCall(running([request]), () => singleLoader(request))),
    batchLoader: (requests: Request[]) => {
      const [first] = requests.map(originOf)
      if (first === undefined) return batchLoader(requests)
      const isMixed = requests.some((request) => originOf(request).scope !== first.scope)
      const call = isMixed ? undefined : running(requests)
      return first.run(() => runCall(call, () => batchLoader(requests)))
    },
  })
}

/** The text of a raw query, as it will be sent. */
function rawTextOf({ protocolQuery }: Request): readonly string[] {
  const text = protocolQuery?.query?.arguments?.query
  return typeof text === 'string' ? [text] : []
}

/** Of a batch nobody can say which statement is whose: what all have in common is said of each. */
function callOf(requests: readonly Request[]): ClientCall {
  const [first, ...others] = requests
  const { modelName, action = 'other' } = first ?? {}
  const isOneAction = others.every((other) => other.action === action)
  const isOneModel = others.every((other) => other.modelName === modelName)
  return {
    ...(isOneModel && modelName !== undefined ? { model: modelName } : {}),
    action: isOneAction ? action : '$transaction',
  }
}
