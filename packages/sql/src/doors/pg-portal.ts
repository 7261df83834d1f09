import { AsyncResource } from 'node:async_hooks'
import { EventEmitter } from 'node:events'
import type { SentStatement } from '../guard/guard.ts'
import { createListening } from './listening.ts'
import { ownMembers } from './own-members.ts'
import { copyValues } from './private-values.ts'
import { isProtocolName } from './protocol-names.ts'

type Method = (...values: unknown[]) => unknown

/** A cursor of `pg-cursor`, or a stream of `pg-query-stream`, read once. */
export interface PortalQuery extends SentStatement {
  readonly opaque: boolean
  /** Tells whoever reads it of an error. */
  fail(error: unknown): void
  /** What to give to the driver in its place: the only statement that it sends is what was read. */
  readonly submittable: object
}

/** What a portal hears from its connection: nothing that other statements bring. */
const events = new Set<unknown>(['noData', 'rowDescription', 'readyForQuery', 'end'])
/** Called by the driver, with a message, the connection, or both. */
const handlers = [
  'handleRowDescription',
  'handleDataRow',
  'handlePortalSuspended',
  'handleCommandComplete',
  'handleReadyForQuery',
  'handleEmptyQuery',
  'handleError',
]

/**
 * Reads what a submittable will send, if it is one that reads rows through a portal. Anything else
 * with a `submit` can send whatever it wants.
 */
export function readPortalQuery(given: object): PortalQuery | undefined {
  const cursor: unknown = 'cursor' in given ? given.cursor : given
  if (typeof cursor !== 'object' || cursor === null) return undefined
  const { text, values: own, state, read } = cursor as Readonly<Record<string, unknown>>
  if (typeof text !== 'string' || state !== 'initialized' || typeof read !== 'function')
    return undefined
  const { values, opaque } = copyValues(own)
  // Rows come in the scope of whoever opened the connection: readers hear of them in the caller's.
  const inScope = AsyncResource.bind((tell: () => void) => tell())
  const portal = { text, values, name: undefined, isOver: true, inScope }
  return {
    text,
    values,
    opaque,
    submittable: submittableOf(given, cursor, portal),
    fail: (error) => methodOf(given, 'destroy' in given ? 'destroy' : 'handleError')(error),
  }
}

interface Portal {
  readonly text: string
  readonly values: readonly unknown[]
  name: unknown
  /** Its connection is somebody else's: not yet its own, or not any more. */
  isOver: boolean
  /** Calls whoever reads in their own scope. */
  readonly inScope: (tell: () => void) => void
}

const refusals = new WeakSet<object>()

function hasEnded(): TypeError {
  const refusal = new TypeError('the cursor has ended')
  refusals.add(refusal)
  return refusal
}

function submittableOf(given: object, cursor: object, portal: Portal): object {
  // A cursor that fails before it is sent has none: the connection may be busy with something else.
  let facade: object | undefined
  const isConnection = (value: unknown): boolean =>
    typeof value === 'object' && value !== null && 'parse' in value && 'bind' in value
  const tell = (name: string, values: readonly unknown[]): void => {
    const known = values.map((each) => (isConnection(each) ? facade : each))
    try {
      methodOf(given, name)(...known)
    } catch (error) {
      // Of a read that waited while the cursor was closed; thrown, it would end the process.
      if (typeof error !== 'object' || error === null || !refusals.has(error)) throw error
      methodOf(given, 'handleError')(error)
    }
  }
  const forward = (name: string): Method => {
    return (...values) => portal.inScope(() => tell(name, values))
  }
  const submittable = {
    // For an error, the driver would take the connection for free while answers are to come.
    submit: (connection: object) => {
      facade = connectionFor(connection, portal)
      methodOf(given, 'submit')(facade)
    },
    // The driver puts its types of columns there.
    _result: Reflect.get(cursor, '_result'),
    get callback(): unknown {
      return Reflect.get(given, 'callback')
    },
    set callback(value: unknown) {
      Reflect.set(given, 'callback', value)
    },
  }
  return Object.assign(
    submittable,
    Object.fromEntries(handlers.map((name) => [name, forward(name)])),
  )
}

/**
 * Tells what the connection brings while it is the portal's: until the server is ready again, as it
 * is after an error too, or until the connection ends. Nobody waits for a server that is gone.
 */
function hearPortal(connection: object, portal: Portal): EventEmitter {
  const heard = new EventEmitter()
  const listeners = new Map<string, Method>()
  const tell = (event: string, ...values: readonly unknown[]): void => {
    portal.inScope(() => heard.emit(event, ...values))
  }
  const end = (...told: readonly string[]): void => {
    portal.isOver = true
    for (const [event, listener] of listeners) {
      methodOf(connection, 'removeListener')(event, listener)
    }
    // The cursor itself hears of it from the driver first.
    process.nextTick(() => {
      for (const event of told) tell(event)
    })
  }
  listeners.set('noData', (...values) => tell('noData', ...values))
  listeners.set('rowDescription', (...values) => tell('rowDescription', ...values))
  listeners.set('readyForQuery', () => end('readyForQuery'))
  listeners.set('end', () => end('readyForQuery', 'end'))
  // Before the driver, which sends the next statement then.
  for (const [event, listener] of listeners) {
    methodOf(connection, 'prependListener')(event, listener)
  }
  portal.isOver = false
  return heard
}

/**
 * The protocol of one portal: parsed once, bound once, with what was checked, until it is over. It is
 * synchronized once, since each makes the server say that it is ready: the driver would take the
 * second for the end of the next statement, and give whose rows come to somebody else.
 */
function connectionFor(connection: object, portal: Portal): object {
  let step: 'new' | 'parsed' | 'bound' | 'synced' = 'new'
  const isEnded = (): boolean => portal.isOver || step === 'synced'
  // Messages of their own: what they do not say, the driver would look for in what they inherit.
  const send = (name: string, message?: object): void => {
    if (isEnded()) throw hasEnded()
    methodOf(connection, name)(...(message === undefined ? [] : [ownMembers(message)]))
  }
  const sendOfPortal = (name: string, message: object): void => {
    if (!isEnded() && step !== 'bound') throw new TypeError('a cursor binds its values first')
    send(name, message)
  }
  const { methods } = createListening(hearPortal(connection, portal), {
    events,
    wrap: (value) => value,
    self: () => facade,
  })
  const listen = (name: 'on' | 'once'): Method => {
    return (event, listener) => {
      if (!portal.isOver) return (methods[name] as Method)(event, listener)
      // It was ready, or is about to be: nobody has to wait for it.
      const isAwaited = name === 'once' && event === 'readyForQuery'
      if (isAwaited && typeof listener === 'function') process.nextTick(() => listener())
      return facade
    }
  }
  const facade: object = Object.freeze({
    parse() {
      if (step !== 'new') throw new TypeError('a cursor has one statement')
      send('parse', { text: portal.text })
      step = 'parsed'
    },
    bind(message: { readonly portal?: unknown }) {
      // Without its own statement, it would read by whichever was parsed last.
      if (step !== 'parsed') throw new TypeError('a cursor has one portal, of its own statement')
      const name = message.portal
      if (!isProtocolName(name)) throw new TypeError('that is no name of a portal')
      portal.name = name
      // The driver maps values in place.
      send('bind', { portal: name, values: [...portal.values] })
      step = 'bound'
    },
    describe: () => sendOfPortal('describe', { type: 'P', name: portal.name }),
    execute: (message?: { readonly rows?: unknown }) =>
      sendOfPortal('execute', { portal: portal.name, rows: message?.rows }),
    close() {
      if (!isEnded()) sendOfPortal('close', { type: 'P', name: portal.name })
    },
    flush: () => send('flush'),
    sync() {
      if (isEnded()) return
      send('sync')
      step = 'synced'
    },
    end: () => send('end'),
    on: listen('on'),
    once: listen('once'),
    removeListener: methods['removeListener'],
  })
  return facade
}

function methodOf(target: object, name: string): Method {
  const method: unknown = Reflect.get(target, name)
  if (typeof method !== 'function') throw new TypeError(`there is no ${name}`)
  return (...values) => method.apply(target, values)
}
