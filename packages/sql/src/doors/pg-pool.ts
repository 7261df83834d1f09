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
  wrappedClient,
} from './pg-client.ts'
import { watchClients } from './pg-settings.ts'
import { type ReadStatement, readStatement } from './pg-statement.ts'

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
    const statement = { ...read, opaque: read.opaque || portal !== undefined }
    result = queryByClient(pool, home, { statement, call })
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

interface PoolQuery {
  readonly statement: ReadStatement
  readonly call: Parameters<Query>
}

async function queryByClient(
  pool: Pool,
  home: Home,
  { statement, call }: PoolQuery,
): Promise<unknown> {
  const inner = await pool.connect().catch((error: unknown) => {
    // What is refused is refused while no server can be had, too.
    const { text, values, opaque } = statement
    home.guard.session({ pooled: true }).check({ text, values, opaque })
    throw error
  })
  const client = wrappedClient(inner, home)
  let onError: (error: Error) => void = () => undefined
  let failure: Error | undefined
  try {
    return await new Promise((resolve, reject) => {
      onError = reject
      // Without a listener, the end of a connection ends the process.
      inner.once('error', onError)
      const told: Callback = (error, reply) => {
        if (error) reject(error)
        else resolve(reply)
      }
      client.send(statement, call, told)
    })
  } catch (error) {
    // What was not sent says nothing of the connection.
    if (error instanceof Error && !isPartywallError(error)) failure = error
    throw error
  } finally {
    inner.removeListener('error', onError)
    inner.release(failure ?? client.isChanged())
  }
}
