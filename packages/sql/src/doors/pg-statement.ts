import type { SentStatement } from '../guard/guard.ts'
import { type PortalQuery, readPortalQuery } from './pg-portal.ts'
import { copyValues } from './private-values.ts'
import { isProtocolName } from './protocol-names.ts'

/** A call of `query`, read once. */
export interface ReadStatement extends SentStatement {
  readonly opaque: boolean
  /** What to send in place of what was given; `undefined` where that cannot be known. */
  readonly config: Readonly<Record<string, unknown>> | undefined
  /** Of cursors and streams: what to give to the driver in their place. */
  readonly portal: PortalQuery | undefined
  readonly callback: ((...values: unknown[]) => unknown) | undefined
  /** Of what submits itself: tells of a refusal in the place of a promise, which nobody expects. */
  readonly fail: ((error: unknown) => void) | undefined
}

/** Settings of a statement that do not decide what is sent. */
const settings = [
  'name',
  'rowMode',
  'types',
  'binary',
  'rows',
  'portal',
  'query_timeout',
  'queryMode',
]

/**
 * Reads the text and the values of a call once, from whatever form `pg` takes. A submittable other
 * than a cursor (COPY, a query made by hand) or a prepared statement without its text can be anything.
 */
export function readStatement(config: unknown, values: unknown, last: unknown): ReadStatement {
  const callback = callbackOf(values) ?? callbackOf(last)
  const given = typeof values === 'function' ? undefined : values
  if (typeof config === 'string') return copied({ text: config, values: given, callback })
  if (typeof config !== 'object' || config === null) return unreadable(callback)
  if (hasFunction(config, 'submit')) {
    const portal = readPortalQuery(config)
    if (portal === undefined) return { ...unreadable(callback), fail: failOf(config, callback) }
    const fail = (error: unknown): void => {
      if (callback !== undefined) process.nextTick(callback, error)
      portal.fail(error)
    }
    return { ...portal, portal, config: undefined, callback, fail }
  }
  const read = (name: string): unknown => Reflect.get(config, name)
  const text = read('text')
  const own = read('callback')
  const found = callback ?? (typeof own === 'function' ? own : undefined)
  if (typeof text !== 'string') return unreadable(found)
  const kept: Record<string, unknown> = {}
  for (const name of settings) {
    const value = name === 'types' ? parsersOf(read(name)) : read(name)
    if (value !== undefined) kept[name] = value
  }
  const statement = copied({ text, values: given ?? read('values'), callback: found, kept })
  const { name, portal } = kept
  if (!isProtocolName(name) || !isProtocolName(portal)) return unreadable(found)
  // With a name and no text, pg runs what was prepared under that name, with these values.
  if (name !== undefined && text === '') return unreadable(found)
  // Type ids would decide how the server reads the parameters.
  return Array.isArray(kept['types']) ? { ...statement, opaque: true } : statement
}

function copied({
  text,
  values,
  callback,
  kept,
}: {
  readonly text: string
  readonly values: unknown
  readonly callback: unknown
  readonly kept?: Readonly<Record<string, unknown>>
}): ReadStatement {
  const { values: copies, opaque } = copyValues(values)
  return {
    text,
    values: copies,
    opaque,
    portal: undefined,
    config:
      opaque && !Array.isArray(values)
        ? undefined
        : configOf(text, values === undefined ? undefined : copies, kept),
    callback: callbackOf(callback),
    fail: undefined,
  }
}

function configOf(
  text: string,
  values: readonly unknown[] | undefined,
  kept: Readonly<Record<string, unknown>> | undefined,
): ReadStatement['config'] {
  if (kept !== undefined) return { ...kept, text, ...(values ? { values } : {}) }
  return values ? { text, values } : { text }
}

function unreadable(callback: unknown): ReadStatement {
  const nothing = { text: '', values: [], opaque: true, portal: undefined, config: undefined }
  return { ...nothing, callback: callbackOf(callback), fail: undefined }
}

/** As the driver tells what it cannot send, but without the connection. */
function failOf(given: object, callback: ReadStatement['callback']): ReadStatement['fail'] {
  const handleError: unknown = Reflect.get(given, 'handleError')
  if (typeof handleError !== 'function') return undefined
  return (error) => {
    // One of its own comes first.
    if (callback !== undefined && !Reflect.get(given, 'callback')) {
      Reflect.set(given, 'callback', callback)
    }
    process.nextTick(() => Reflect.apply(handleError, given, [error]))
  }
}

function callbackOf(callback: unknown): ReadStatement['callback'] {
  // Only functions come here.
  return typeof callback === 'function' ? (callback as ReadStatement['callback']) : undefined
}

/**
 * The parsers of a statement's columns, and nothing else of what was given with them: what looks like
 * a list would be type ids, which decide how the server reads the parameters.
 */
function parsersOf(types: unknown): unknown {
  if (types === undefined || types === null) return types
  const parse: unknown = Array.isArray(types)
    ? undefined
    : Reflect.get(Object(types), 'getTypeParser')
  if (typeof parse !== 'function') return []
  return { getTypeParser: (...asked: unknown[]) => Reflect.apply(parse, types, asked) }
}

function hasFunction(value: object, name: string): boolean {
  return typeof Reflect.get(value, name) === 'function'
}
