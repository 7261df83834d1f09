import { AsyncResource } from 'node:async_hooks'
import type { SentStatement } from '../guard/guard.ts'
import { copyValues } from './private-values.ts'

type Method = (...values: unknown[]) => unknown

/** A cursor of `pg-cursor`, or a stream of `pg-query-stream`, read once. */
export interface PortalQuery extends SentStatement {
  readonly opaque: boolean
  /** Tells whoever reads it of an error. */
  fail(error: unknown): void
  /** What to give to the driver in its place: it sends what was read, and nothing else. */
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
  const portal = { text, values, name: undefined, isOver: false, listening: [] }
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
  /** Its connection is somebody else's again. */
  isOver: boolean
  /** Takes back what was listened to. */
  listening: (() => unknown)[]
}

/** After these, the driver has no more for the portal. */
const endings = new Set(['handleReadyForQuery', 'handleError'])

function submittableOf(given: object, cursor: object, portal: Portal): object {
  let facade: object | undefined
  const limited = (connection: unknown): unknown => {
    facade ??= connectionFor(connection as object, portal)
    return facade
  }
  const isConnection = (value: unknown): boolean =>
    typeof value === 'object' && value !== null && 'parse' in value && 'bind' in value
  // Rows come in the scope of whoever opened the connection: readers hear of them in the caller's.
  const forward = (name: string): Method => {
    return AsyncResource.bind((...values: unknown[]) => {
      const known = values.map((each) => (isConnection(each) ? limited(each) : each))
      const result = methodOf(given, name)(...known)
      if (endings.has(name)) endPortal(portal)
      return result
    })
  }
  const submittable = {
    submit: (connection: unknown) => methodOf(given, 'submit')(limited(connection)),
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

function endPortal(portal: Portal): void {
  portal.isOver = true
  for (const stop of portal.listening.splice(0)) stop()
}

/** The protocol of one portal: parsed once, bound once, with what was checked, until it is over. */
function connectionFor(connection: object, portal: Portal): object {
  let parsed = false
  let bound = false
  const call = (name: string): Method => {
    if (portal.isOver) throw new TypeError('the cursor has ended')
    return methodOf(connection, name)
  }
  const stopListening = methodOf(connection, 'removeListener')
  const listen = (name: string): Method => {
    return (event, listener) => {
      if (!events.has(event) || portal.isOver) return facade
      call(name)(event, listener)
      portal.listening.push(() => stopListening(event, listener))
      return facade
    }
  }
  const ofPortal = (message: unknown): object => ({ ...(message as object), name: portal.name })
  const facade: object = Object.freeze({
    parse(_: unknown, more: unknown) {
      if (parsed) throw new TypeError('a cursor has one statement')
      parsed = true
      call('parse')({ text: portal.text }, more)
    },
    bind(message: { readonly portal?: unknown }, more: unknown) {
      // Without its own statement, it would read by whichever was parsed last.
      if (bound || !parsed) throw new TypeError('a cursor has one portal, of its own statement')
      bound = true
      portal.name = message.portal
      // The driver maps values in place.
      call('bind')({ portal: portal.name, values: [...portal.values] }, more)
    },
    describe: (message: unknown, more: unknown) =>
      call('describe')({ ...ofPortal(message), type: 'P' }, more),
    close: (message: unknown, more: unknown) =>
      call('close')({ ...ofPortal(message), type: 'P' }, more),
    execute: (message: unknown, more: unknown) =>
      call('execute')({ ...(message as object), portal: portal.name }, more),
    flush: () => call('flush')(),
    sync: () => call('sync')(),
    end: () => call('end')(),
    on: listen('on'),
    once: listen('once'),
    removeListener(event: unknown, listener: unknown) {
      if (events.has(event)) stopListening(event, listener)
      return facade
    },
  })
  return facade
}

function methodOf(target: object, name: string): Method {
  const method: unknown = Reflect.get(target, name)
  if (typeof method !== 'function') throw new TypeError(`there is no ${name}`)
  return (...values) => method.apply(target, values)
}
