import type { Listening } from './listening.ts'

export interface Limits {
  /** What is read, or called, as it is. */
  readonly members: ReadonlySet<PropertyKey>
  /** What is there in the place of the target's own. */
  readonly own: Readonly<Record<string, unknown>>
  /** What a caller gets in place of a value that leads around the guard. */
  readonly wrap: (value: unknown) => unknown
  readonly listening: Listening
}

/**
 * An object that looks like `target` to `instanceof`, and has the named members only. Libraries keep
 * notes of theirs on it; the target never sees them.
 */
export function limitedObject<Target extends object>(
  target: Target,
  { members, own, wrap, listening: { methods } }: Limits,
): Target {
  const notes = new Map<PropertyKey, unknown>()
  return new Proxy(Object.create(Object.getPrototypeOf(target)), {
    get(_, member) {
      if (typeof member === 'string' && Object.hasOwn(own, member)) return own[member]
      // Asked for its name only; who wants the class can import it.
      if (member === 'constructor') return target.constructor
      if (typeof member === 'string' && Object.hasOwn(methods, member)) return methods[member]
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
}
