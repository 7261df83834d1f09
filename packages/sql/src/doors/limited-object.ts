import { SqlGuardError } from '../guard/sql-guard-error.ts'

type Callback = (...values: unknown[]) => unknown

export interface Limits {
  /** What is read, or called, as it is. */
  readonly members: ReadonlySet<PropertyKey>
  /** What is there in the place of the target's own. */
  readonly own: Readonly<Record<string, unknown>>
  /** What a listener or a caller gets in place of a value that leads around the guard. */
  readonly wrap: (value: unknown) => unknown
}

const subscribing = new Set<PropertyKey>(['on', 'once', 'addListener', 'prependListener'])
const unsubscribing = new Set<PropertyKey>(['off', 'removeListener'])

/**
 * An object that looks like `target` to `instanceof`, and has the named members only. Libraries keep
 * notes of theirs on it; the target never sees them.
 */
export function limitedObject<Target extends object>(
  target: Target,
  { members, own, wrap }: Limits,
): Target {
  const notes = new Map<PropertyKey, unknown>()
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
    get(_, member) {
      if (typeof member === 'string' && Object.hasOwn(own, member)) return own[member]
      // Asked for its name only; who wants the class can import it.
      if (member === 'constructor') return target.constructor
      if (subscribing.has(member)) return subscribe(String(member))
      if (unsubscribing.has(member)) return unsubscribe(String(member))
      if (!members.has(member)) return notes.get(member)
      const value: unknown = Reflect.get(target, member)
      return typeof value === 'function'
        ? (...call: unknown[]) => wrap(value.apply(target, call))
        : value
    },
    set(_, member, value) {
      if (member in target) return false
      notes.set(member, value)
      return true
    },
    defineProperty: () => false,
  })
  return proxy
}

function memberOf(target: object, member: string): Callback {
  const value: unknown = Reflect.get(target, member)
  if (typeof value !== 'function') throw new SqlGuardError('sql.client', `there is no ${member}`)
  return (...values) => value.apply(target, values)
}
