import { AsyncResource } from 'node:async_hooks'
import { currentScope } from '@partywall/context/spi'
import type { Client, PoolClient } from 'pg'
import { reportFailure } from '../guard/drift.ts'
import type { Guard } from '../guard/guard.ts'
import { findsAlike } from '../guard/session-path.ts'
import { SqlGuardError } from '../guard/sql-guard-error.ts'
import { isChatter } from './driver-chatter.ts'
import { limitedObject } from './limited-object.ts'
import { createListening } from './listening.ts'
import { isTextPolluted, ownMembers } from './own-members.ts'
import { hearErrors, reportsOf, settingsOf } from './pg-settings.ts'
import { type ReadStatement, readStatement } from './pg-statement.ts'
import { settledInTime, watchTransactions } from './pg-transaction.ts'
import { resetSession } from './session-reset.ts'
import type { SharedPath } from './session-settings.ts'

/** What a guarded client lets through beside `query`: nothing that leads to the wire. */
const clientMembers = new Set<PropertyKey>([
  'escapeIdentifier',
  'escapeLiteral',
  'setTypeParser',
  'getTypeParser',
  'getTransactionStatus',
  'processID',
  'host',
  'port',
  'user',
  'database',
  'ssl',
  'ref',
  'unref',
  // Asked by pools of others.
  '_ending',
])
const clientEvents = new Set(['connect', 'drain', 'end', 'error', 'notice', 'notification'])

export type Query = (config: unknown, values?: unknown, callback?: unknown) => unknown
export type Callback = (...values: unknown[]) => unknown

/** What the clients of one pool have in common. */
export interface Home {
  readonly guard: Guard
  readonly shared: SharedPath
}

/** A client, and how statements that were read are sent by it. */
export interface WrappedClient {
  readonly proxy: object
  /** To be waited for before the next statement is sent: something must be heard, or undone. */
  prepare(timeout?: unknown): Promise<void> | undefined
  send(statement: ReadStatement, call: Parameters<Query>, callback: unknown): unknown
  /** Whether it goes to nobody any more: what somebody left is on it, or may be. */
  isSpoilt(): boolean
}

const wrapped = new WeakMap<Guard, WeakMap<object, WrappedClient>>()

/** A pool gives the same client again and again: it keeps its session and its transaction. */
export function wrappedClient(client: Client | PoolClient, home: Home): WrappedClient {
  const ofGuard = wrapped.get(home.guard) ?? new WeakMap<object, WrappedClient>()
  wrapped.set(home.guard, ofGuard)
  const known = ofGuard.get(client)
  if (known !== undefined) return known
  if ('native' in client) throw new SqlGuardError('sql.client', 'pg.native cannot be guarded')
  const watch = watchTransactions(client, (isOpen) => session.confirmed(isOpen))
  const confirms = watch !== undefined
  let session = home.guard.session({ confirms })
  const settings = settingsOf(client, home.shared)
  const isMeant = (): boolean => settings.isKnown && findsAlike(home.guard, settings.lookup)
  hearErrors(client, (error) => reportFailure(home.guard, error))
  // A session that others have used is changed by nobody any more.
  let isFresh = true
  let cleaning: Promise<void> | undefined
  const sendOwn = (text: string): Promise<unknown> => {
    watch?.sending()
    return client.query({ text, types: asTexts })
  }
  let waiting: Promise<void> | undefined
  // How long the last statement may take, where it says so itself.
  let limit: unknown
  const limitNow = (): unknown => limit ?? queryTimeoutOf(client)
  const wait = (ready: Promise<void>): Promise<void> => {
    waiting = ready
    return inTime(ready, limitNow())
  }
  const whenSettled = (then: () => void): void => {
    if (session.state === 'clean' || watch === undefined) then()
    else watch.whenSettled(then)
  }
  // What waits has not been sent yet.
  const whenAllSettled = (then: () => void): void => {
    if (waiting === undefined) whenSettled(then)
    else waiting.finally(() => setImmediate(() => whenSettled(then))).catch(() => undefined)
  }
  const clean = async (): Promise<void> => {
    try {
      await resetSession(sendOwn)
      await sendOwn('deallocate all')
      forgetPrepared(client)
      session = home.guard.session({ confirms })
    } finally {
      cleaning = undefined
    }
  }
  const send: WrappedClient['send'] = (statement, call, callback) => {
    const { text, values, opaque, portal, config } = statement
    const isAsked = isFresh && !opaque && session.state === 'clean' && isChatter(text, values)
    if (!isAsked) session.check({ text, values, opaque: opaque || !isMeant() })
    isFresh &&= isAsked
    const query: Query = client.query.bind(client)
    watch?.sending()
    if (portal !== undefined) query(portal.submittable, callback)
    if (portal !== undefined) return call[0]
    const [given, givenValues] = call
    // As it was asked for, in two parts: the driver takes them faster than one object.
    if (config !== undefined && typeof call[0] === 'string' && !isTextPolluted()) {
      return query(text, config['values'], callback)
    }
    if (config !== undefined) return query(ownMembers(config), undefined, callback)
    return query(given, typeof givenValues === 'function' ? undefined : givenValues, callback)
  }
  const made: WrappedClient = {
    proxy: clientProxy(client, (call) => query(made, call), {
      isSpoilt: () => made.isSpoilt(),
      whenSettled: (then) => settledInTime(whenAllSettled, limitNow(), then),
    }),
    prepare(timeout) {
      waiting = undefined
      limit = timeout
      // The driver refuses it by itself.
      if (Reflect.get(client, '_ending') === true) return undefined
      const telling = settings.told(sendOwn)
      if (telling !== undefined) return wait(telling)
      if (cleaning === undefined && session.state === 'changed' && isLeftBehind(client)) {
        cleaning = clean()
      }
      return cleaning && wait(cleaning)
    },
    send,
    isSpoilt: () => session.state !== 'clean' || session.isOccupied,
  }
  ofGuard.set(client, made)
  return made
}

/** No user's parser of texts is asked what a setting says. */
const asTexts = { getTypeParser: () => String } as never

/** How long a statement may take, where its client says so. */
function queryTimeoutOf(client: object): unknown {
  return Object(Reflect.get(client, 'connectionParameters')).query_timeout
}

/**
 * As the driver tells of a statement that takes too long, which begins to count when it has it. Those
 * with a limit and those without go on in the order in which they came.
 */
function inTime(ready: Promise<void>, timeout: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    const isLimited = typeof timeout === 'number' && timeout > 0
    const late = (): void => reject(new Error('Query read timeout'))
    const timer = isLimited ? setTimeout(late, timeout) : undefined
    ready.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** The driver binds what has a name to whatever the server has under that name. */
function forgetPrepared(client: object): void {
  const { parsedStatements } = Object(Reflect.get(client, 'connection'))
  for (const name of Object.keys(parsedStatements ?? {})) delete parsedStatements[name]
}

/** No pool takes it back, and the system is done with it. */
function isLeftBehind(client: Client | PoolClient): boolean {
  if ('release' in client || currentScope()?.system !== undefined) return false
  const { getTransactionStatus } = client as { getTransactionStatus?: () => unknown }
  return getTransactionStatus?.call(client) === 'I'
}

export function guardedClient<Guarded extends Client | PoolClient>(
  client: Guarded,
  home: Home,
): Guarded {
  // What is kept under a client is its own proxy.
  return wrappedClient(client, home).proxy as Guarded
}

function clientProxy(
  client: Client | PoolClient,
  send: (call: Parameters<Query>) => unknown,
  state: Pick<Releasing, 'isSpoilt' | 'whenSettled'>,
): object {
  const wrap = (value: unknown): unknown => (value === client ? proxy : value)
  const listening = createListening(client, { events: clientEvents, wrap, self: () => proxy })
  const reports = reportsOf(client)
  const given = (): void => {
    listening.forgetTenants()
    reports?.forgetTenants()
  }
  const proxy: object = limitedObject(client, {
    members: clientMembers,
    wrap,
    listening,
    own: {
      query: (...call: Parameters<Query>) => send(call),
      connect: (callback?: Callback) => {
        // A client connects with itself as the result.
        if (callback === undefined) return client.connect().then(() => proxy)
        const told = AsyncResource.bind(callback)
        return client.connect((error: unknown) => told(error, proxy))
      },
      // The driver would call it as a method of what it sends by.
      end: (callback?: Callback) =>
        callback === undefined ? client.end() : client.end(() => callback()),
      get release() {
        return 'release' in client ? releaseOf(client, { ...state, given }) : undefined
      },
      connection: reports?.methods,
    },
  })
  return proxy
}

/** The ways out of a pool that were taken: it makes one for each time that a client is taken. */
const released = new WeakSet<object>()

/** Without a listener, the end of a connection would end the process: the pool is told after. */
const unheard = (): void => undefined

interface Releasing {
  readonly isSpoilt: () => boolean
  /** Calls back at once, or when the end of a transaction that was sent is answered, or never will be. */
  readonly whenSettled: (then: (isSettled: boolean) => void) => void
  /** Called before somebody else can have the client. */
  readonly given: () => void
}

function releaseOf(
  client: PoolClient,
  { isSpoilt, whenSettled, given }: Releasing,
): PoolClient['release'] {
  const inner = client.release
  return (error) => {
    // As the pool says it, which may not know yet.
    if (released.has(inner))
      throw new Error('Release called on client which has already been released to the pool.')
    released.add(inner)
    // Whoever had it hears no more of it, and the pool not yet.
    client.on('error', unheard)
    given()
    const give = (reason: unknown): void => {
      client.removeListener('error', unheard)
      inner.call(client, reason as boolean | Error | undefined)
    }
    if (error) give(error)
    else whenSettled((isSettled) => give(!isSettled || isSpoilt()))
  }
}

export function isClient(value: unknown): value is PoolClient {
  return typeof value === 'object' && value !== null && 'query' in value && 'processID' in value
}

/**
 * Checks a call, and makes it with private copies: of refusals tells a promise, a callback, or what
 * submits itself.
 */
function query(client: WrappedClient, call: Parameters<Query>): unknown {
  let callback = call.find((part) => typeof part === 'function')
  let fail: ReadStatement['fail']
  const tell = (error: unknown): unknown => {
    if (fail !== undefined) {
      fail(error)
      return call[0]
    }
    if (typeof callback !== 'function') return Promise.reject(error)
    process.nextTick(callback, error)
    return undefined
  }
  try {
    const statement = readStatement(...call)
    callback = statement.callback
    fail = statement.fail
    // Answers come in the scope of whoever opened the connection.
    const told = callback === undefined ? undefined : AsyncResource.bind(callback as Callback)
    const ready = client.prepare(statement.config?.['query_timeout'])
    if (ready === undefined) return client.send(statement, call, told)
    const result = ready.then(() => client.send(statement, call, told))
    if (told === undefined && fail === undefined) return result
    result.catch(tell)
    return fail === undefined ? undefined : call[0]
  } catch (error) {
    return tell(error)
  }
}
