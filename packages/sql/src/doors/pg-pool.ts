import { AsyncResource } from 'node:async_hooks'
import { EventEmitter } from 'node:events'
import { isPartywallError } from '@partywall/context'
import type { Pool, PoolClient } from 'pg'
import { SqlGuardError } from '../guard/sql-guard-error.ts'
import { isOfGuardedClass } from './guarded-class.ts'
import { limitedObject } from './limited-object.ts'
import { createListening, settingUp } from './listening.ts'
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
import { type ReadStatement, readStatement } from './pg-statement.ts'

const poolMembers = new Set<PropertyKey>([
  'ended',
  'ending',
  'totalCount',
  'idleCount',
  'waitingCount',
  'expiredCount',
])
const poolEvents = new Set(['acquire', 'connect', 'error', 'release', 'remove'])

/** @throws {@link SqlGuardError} `sql.client` where its clients would be guarded already */
export function guardedPool<Guarded extends Pool>(pool: Guarded, home: Home): Guarded {
  if (isOfGuardedClass(Reflect.get(pool, 'Client'))) {
    throw new SqlGuardError('sql.client', 'the clients of the pool are guarded already')
  }
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
  const proxy: Guarded = limitedObject(pool, {
    members: poolMembers,
    wrap,
    listening: createListening(pool, { events: poolEvents, wrap, self: () => proxy }),
    own: {
      query: (...call: Parameters<Query>) => queryPool(pool, home, call),
      connect: (callback?: Callback) => {
        if (callback === undefined) {
          return pool.connect().then((inner) => {
            const { client, refusal } = taken(inner, home)
            if (client === undefined) throw refusal
            return client.proxy
          })
        }
        const told = AsyncResource.bind(callback)
        return pool.connect((error, inner) => {
          const { client, refusal } = inner === undefined ? { refusal: error } : taken(inner, home)
          const release =
            client === undefined ? () => undefined : Reflect.get(client.proxy, 'release')
          told(refusal, client?.proxy, release)
        })
      },
      // The pool would call it as a method of its own.
      end: (callback?: Callback) =>
        callback === undefined ? pool.end() : pool.end((...told: unknown[]) => callback(...told)),
    },
  })
  return proxy
}

interface Taken {
  readonly client?: WrappedClient
  readonly refusal?: unknown
}

/** A client that cannot be guarded goes to nobody. */
function taken(inner: PoolClient, home: Home): Taken {
  try {
    return { client: wrappedClient(inner, home) }
  } catch (refusal) {
    inner.release(true)
    return { refusal }
  }
}

/**
 * The pool that somebody calls one of `pg`, guarded.
 * @throws {@link SqlGuardError} `sql.client` where it is none, or guarded already
 */
export function guardedForeignPool<Foreign extends object>(pool: Foreign, home: Home): Foreign {
  // What only looks like a pool, as a guarded one does, has no options.
  const isPool = pool instanceof EventEmitter && 'options' in pool && 'connect' in pool
  if (!isPool) {
    throw new SqlGuardError('sql.client', 'expected a pool of pg that is not guarded yet')
  }
  // Both are the same pool, by other types.
  return guardedPool(pool as object as Pool, home) as object as Foreign
}

/** What was given to the pool before it was guarded gets guarded clients too. */
function guardHooks(pool: Pool, wrap: (value: unknown) => unknown): void {
  const { options } = pool as unknown as { options: Record<string, unknown> }
  for (const name of ['onConnect', 'verify']) {
    const hook = options[name]
    if (typeof hook !== 'function') continue
    options[name] = (...values: unknown[]) => settingUp(() => hook(...values.map(wrap)))
  }
  const emit = pool.emit.bind(pool)
  Object.assign(pool, {
    emit: (event: string, ...values: unknown[]) => {
      // It tells of every client that is taken and given back, and mostly nobody listens. An error
      // that nobody listens to ends up at whoever hears of uncaught ones.
      const isHeard = event === 'error' || pool.listenerCount(event) > 0
      if (!isHeard) return emit(event as never, ...(values as never[]))
      const tell = (): boolean => emit(event as never, ...(values.map(wrap) as never[]))
      return event === 'connect' ? settingUp(tell) : tell()
    },
  })
}

/** As the pool does it, by one of its clients: whose transaction is open there is known. */
function queryPool(pool: Pool, home: Home, call: Parameters<Query>): unknown {
  let callback = call.find((part) => typeof part === 'function')
  let result: Promise<unknown>
  try {
    const read = readStatement(...call)
    callback = read.callback
    const statement = read.portal === undefined ? read : withoutEnd(read)
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

/** A cursor would have no end that frees the client. */
function withoutEnd(read: ReadStatement): ReadStatement {
  return { ...read, portal: undefined, opaque: true }
}

interface PoolQuery {
  readonly statement: ReadStatement
  readonly call: Parameters<Query>
}

/** Without a promise for each step: this runs for every statement. */
function queryByClient(pool: Pool, home: Home, { statement, call }: PoolQuery): Promise<unknown> {
  return new Promise((resolve, reject) => {
    // Clients come in the scope of whoever frees them.
    const caller = new AsyncResource('PARTYWALL_QUERY')
    pool.connect((error, inner) => {
      caller.runInAsyncScope(() => {
        if (inner === undefined) reject(errorOfPool(error, home, statement))
        else queryOnce(inner, home, { statement, call, resolve, reject })
      })
    })
  })
}

/** What is refused is refused while no server can be had, too. */
function errorOfPool(error: unknown, { guard }: Home, statement: ReadStatement): unknown {
  try {
    const { text, values, opaque } = statement
    guard.session({ pooled: true }).check({ text, values, opaque })
    return error
  } catch (refusal) {
    return refusal
  }
}

interface Once extends PoolQuery {
  readonly resolve: (reply: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Sends one statement by a client of the pool, and gives the client back. */
function queryOnce(
  inner: PoolClient,
  home: Home,
  { statement, call, resolve, reject }: Once,
): void {
  const { client, refusal } = taken(inner, home)
  if (client === undefined) {
    reject(refusal)
    return
  }
  let isOver = false
  const end = (error: unknown, reply?: unknown): void => {
    if (isOver) return
    isOver = true
    inner.removeListener('error', end)
    // What was not sent says nothing of the connection.
    const failure = error instanceof Error && !isPartywallError(error) ? error : undefined
    inner.release(failure ?? client.isSpoilt())
    if (error) reject(error)
    else resolve(reply)
  }
  // Without a listener, the end of a connection ends the process.
  inner.once('error', end)
  try {
    const ready = client.prepare()
    if (ready === undefined) client.send(statement, call, end)
    else ready.then(() => client.send(statement, call, end)).catch(end)
  } catch (error) {
    end(error)
  }
}
