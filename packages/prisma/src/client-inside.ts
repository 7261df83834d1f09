import type { RequestLoader } from './client-call.ts'
import { isGuardedAdapter } from './guard-adapter.ts'
import type { ErrorHandler } from './own-errors.ts'
import { PrismaGuardError } from './prisma-guard-error.ts'

/** What is needed of a client beside its public methods. */
export interface ClientInside {
  readonly loader: RequestLoader
  readonly errors: ErrorHandler
  /** The text of the Prisma schema that it was generated from. */
  readonly schema: string
}

/**
 * Looks inside a client; what is not as it was in every version that was tried is refused.
 * @throws {@link PrismaGuardError} `prisma.client`
 */
export function insideOf(client: unknown): ClientInside {
  if (!isGuardedAdapter(at(client, '_engineConfig', 'adapter'))) {
    throw unfit('was made without an adapter of guardAdapter()')
  }
  // Prisma's engine in Rust calls the adapter from a thread of its own, where no scope is known.
  if (at(client, '_engine', 'name') !== 'ClientEngine') {
    throw unfit(`runs another engine; set engineType = "client" in its generator`)
  }
  const schema = at(client, '_engineConfig', 'inlineSchema')
  const errors = at(client, '_requestHandler')
  const loader = at(errors, 'dataloader')
  if (typeof schema !== 'string' || !isLoader(loader) || !isErrorHandler(errors)) {
    throw unfit('is of a version that is not known; expected @prisma/client ^6.16 or ^7')
  }
  return { loader, errors, schema }
}

function isLoader(value: unknown): value is RequestLoader {
  return ['batchBy', 'singleLoader', 'batchLoader'].every(
    (name) => typeof at(value, 'options', name) === 'function',
  )
}

function isErrorHandler(value: unknown): value is ErrorHandler {
  return typeof at(value, 'handleAndLogRequestError') === 'function'
}

function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value
  for (const name of path) {
    if (typeof found !== 'object' || found === null) return undefined
    found = Reflect.get(found, name)
  }
  return found
}

function unfit(what: string): PrismaGuardError {
  return new PrismaGuardError('prisma.client', `the client ${what}`)
}
