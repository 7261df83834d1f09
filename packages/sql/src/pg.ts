/**
 * The guard under `pg`: pools and clients whose every statement is looked at.
 * @packageDocumentation
 */
import type { Client, Pool, PoolClient } from 'pg'
import { readStatement } from './doors/pg-statement.ts'
import type { Guard, GuardSession } from './guard/guard.ts'
import { SqlGuardError } from './guard/sql-guard-error.ts'

/** What a guarded client lets through beside `query`: nothing that leads to the wire. */
const clientMembers = new Set<PropertyKey>([
  'end',
  'release',
  'escapeIdentifier',
  'escapeLiteral',
  'setTypeParser',
  'getTypeParser',
  'processID',
  'host',
  'port',
  'user',
  'database',
  'ssl',
  'ref',
  'unref',
])
const poolMembers = new Set<PropertyKey>([
  'end',
  'ended',
  'ending',
  'totalCount',
  'idleCount',
  'waitingCount',
  'expiredCount',
])
const subscribing = new Set<PropertyKey>(['on', 'once', 'addListener', 'prependListener'])
const unsubscribing = new Set<PropertyKey>(['off', 'removeListener'])

type Query = (config: unknown, values?: unknown, callback?: unknown) => unknown
type Callback = (...values: unknown[]) => unknown

/**
 * The pool with every statement guarded: `query`, and the clients that `connect` and its events
 * give. The pool inside is out of reach; keep no reference to it.
 */
export function guardPool<Guarded extends Pool>(pool: Guarded, guard: Guard): Guarded {
  const proxy: Guarded = limited(pool, poolMembers, {
    query: (...call: Parameters<Query>) =>
      send(pool.query.bind(pool) as Query, guard.session(), call),
    connect: (callback?: Callback) => {
      if (callback === undefined) return pool.connect().then((client) => wrapClient(client, guard))
      return pool.connect((error, client, release) => {
        callback(error, client && wrapClient(client, guard), release)
      })
    },
    wrap: (value) => {
      if (isClient(value)) return wrapClient(value, guard)
      // An error of an idle client carries the client.
      if (value instanceof Error && 'client' in value && isClient(value.client)) {
        value.client = wrapClient(value.client, guard)
      }
      return value
    },
  })
  return proxy
}

/** The client with every statement guarded. @throws SqlGuardError `sql.client` for `pg.native` */
export function guardClient<Guarded extends Client | PoolClient>(
  client: Guarded,
  guard: Guard,
): Guarded {
  return wrapClient(client, guard)
}

const wrapped = new WeakMap<Guard, WeakMap<object, object>>()

/** A pool gives the same client again and again: it keeps its session and its transaction. */
function wrapClient<Guarded extends Client | PoolClient>(client: Guarded, guard: Guard): Guarded {
  const ofGuard = wrapped.get(guard) ?? new WeakMap<object, object>()
  wrapped.set(guard, ofGuard)
  const known = ofGuard.get(client)
  // What is kept under a client is its own proxy.
  if (known !== undefined) return known as Guarded
  if ('native' in client) throw new SqlGuardError('sql.client', 'pg.native cannot be guarded')
  const session = guard.session()
  const proxy: Guarded = limited(client, clientMembers, {
    query: (...call: Parameters<Query>) => send(client.query.bind(client) as Query, session, call),
    connect: (callback?: Callback) => {
      // A client connects with itself as the result.
      if (callback === undefined) return client.connect().then(() => proxy)
      return client.connect((error: unknown) => callback(error, proxy))
    },
    wrap: (value) => (value === client ? proxy : value),
  })
  ofGuard.set(client, proxy)
  return proxy
}

function isClient(value: unknown): value is PoolClient {
  return typeof value === 'object' && value !== null && 'query' in value && 'release' in value
}

interface Overrides {
  readonly query: (...call: Parameters<Query>) => unknown
  readonly connect: (callback?: Callback) => unknown
  /** What a listener gets in place of a value that leads around the guard. */
  readonly wrap: (value: unknown) => unknown
}

/** An object that looks like `target` to `instanceof`, and has the named members only. */
function limited<Target extends object>(
  target: Target,
  members: ReadonlySet<PropertyKey>,
  { query, connect, wrap }: Overrides,
): Target {
  const listeners = new WeakMap<Callback, Callback>()
  const subscribe = (member: string) => (event: unknown, listener: Callback) => {
    const inner: Callback = (...values) => listener.apply(proxy, values.map(wrap))
    listeners.set(listener, inner)
    memberOf(target, member)(event, inner)
    return proxy
  }
  const unsubscribe = (member: string) => (event: unknown, listener: Callback) => {
    memberOf(target, member)(event, listeners.get(listener) ?? listener)
    return proxy
  }
  const proxy: Target = new Proxy(Object.create(Object.getPrototypeOf(target)), {
    get: (_, member) => {
      if (member === 'query') return query
      if (member === 'connect') return connect
      if (subscribing.has(member)) return subscribe(String(member))
      if (unsubscribing.has(member)) return unsubscribe(String(member))
      if (!members.has(member)) return undefined
      const value: unknown = Reflect.get(target, member)
      return typeof value === 'function'
        ? (...call: unknown[]) => wrap(value.apply(target, call))
        : value
    },
    set: () => false,
    defineProperty: () => false,
  })
  return proxy
}

function memberOf(target: object, member: string): Callback {
  const value: unknown = Reflect.get(target, member)
  if (typeof value !== 'function') throw new SqlGuardError('sql.client', `there is no ${member}`)
  return (...values) => value.apply(target, values)
}

/** Checks a call, and makes it with private copies: a promise or a callback tells of refusals. */
function send(query: Query, session: GuardSession, call: Parameters<Query>): unknown {
  let callback = call.find((part) => typeof part === 'function')
  try {
    const statement = readStatement(...call)
    callback = statement.callback
    session.check(statement)
    if (statement.config === undefined) return query(...call)
    return query(statement.config, undefined, callback)
  } catch (error) {
    if (typeof callback !== 'function') return Promise.reject(error)
    process.nextTick(callback, error)
    return undefined
  }
}
