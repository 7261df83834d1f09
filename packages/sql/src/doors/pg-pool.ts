import { AsyncResource } from 'node:async_hooks'
import { isPartywallError } from '@partywall/context'
import type { Pool } from 'pg'
import { limitedObject } from './limited-object.ts'
import {
  type Callback,
  guardedClient,
  type Home,
  isClient,
  type Query,
  type WrappedClient,
  wrappedClient,
} from './pg-client.ts'
import { watchClients } from './pg-settings.ts'
import { readStatement } from './pg-statement.ts'

const poolMembers = new Set<PropertyKey>([
  'end',
  'ended',
  'ending',
  'totalCount',
  'idleCount',
  'waitingCount',
  'expiredCount',
])

export function guardedPool<Guarded extends Pool>(pool: Guarded, home: Home): Guarded {
  const wrap = (value: unknown): unknown => {
    if (isClient(value)) return guardedClient(value, home)
    // An error of an idle client carries the client.
    if (value instanceof Error && 'client' in value && isClient(value.client)) {
      value.client = guardedClient(value.client, home)
    }
    return value
  }
  watchClients(pool, home.shared)
  guardHooks(pool, wrap)
  return limitedObject(pool, {
    members: poolMembers,
    wrap,
    own: {
      query: (...call: Parameters<Query>) => queryPool(pool, home, call),
      connect: (callback?: Callback) => {
        if (callback === undefined)
          return pool.connect().then((client) => guardedClient(client, home))
        const told = AsyncResource.bind(callback)
        return pool.connect((error, inner) => {
          const client = inner && guardedClient(inner, home)
          told(error, client, client === undefined ? () => undefined : client.release)
        })
      },
    },
  })
}

/** What was given to the pool before it was guarded gets guarded clients too. */
function guardHooks(pool: Pool, wrap: (value: unknown) => unknown): void {
  const { options } = pool as unknown as { options: Record<string, unknown> }
  for (const name of ['onConnect', 'verify']) {
    const hook = options[name]
    if (typeof hook !== 'function') continue
    options[name] = (...values: unknown[]) => hook(...values.map(wrap))
  }
  const emit = pool.emit.bind(pool)
  Object.assign(pool, {
    emit: (event: never, ...values: unknown[]) => emit(event, ...(values.map(wrap) as never[])),
  })
}

/** As the pool does it, by one of its clients: whose transaction is open there is known. */
function queryPool(pool: Pool, home: Home, call: Parameters<Query>): unknown {
  let callback = call.find((part) => typeof part === 'function')
  let result: Promise<unknown>
  try {
    // A cursor would have no end that frees the client.
    const { portal, ...read } = readStatement(...call)
    callback = read.callback
    result = queryByClient(pool, home, (client, told) =>
      client.send({ ...read, opaque: read.opaque || portal !== undefined }, call, told),
    )
  } catch (error) {
    result = Promise.reject(error)
  }
  if (typeof callback !== 'function') return result
  const told = AsyncResource.bind(callback as Callback)
  // Not as a reaction of the promise, where an error of the callback would be lost.
  result.then(
    (reply) => process.nextTick(told, undefined, reply),
    (error) => process.nextTick(told, error),
  )
  return undefined
}

async function queryByClient(
  pool: Pool,
  home: Home,
  send: (client: WrappedClient, told: Callback) => unknown,
): Promise<unknown> {
  const inner = await pool.connect()
  const client = wrappedClient(inner, home)
  const { release } = guardedClient(inner, home)
  let onError: (error: Error) => void = () => undefined
  let failure: Error | undefined
  try {
    return await new Promise((resolve, reject) => {
      onError = reject
      // Without a listener, the end of a connection ends the process.
      inner.once('error', onError)
      send(client, (error, reply) => {
        if (error) reject(error)
        else resolve(reply)
      })
    })
  } catch (error) {
    // What was not sent says nothing of the connection.
    if (error instanceof Error && !isPartywallError(error)) failure = error
    throw error
  } finally {
    inner.removeListener('error', onError)
    release(failure)
  }
}
