import { SqlGuardError } from '../guard/sql-guard-error.ts'

const insides = new WeakMap<object, object>()

/**
 * A class whose instances are guarded. Nobody extends it: what is added would be on what is inside, and
 * would send around the guard.
 */
export function guardedClass<Instance extends object, Call extends unknown[]>(
  Class: new (...call: Call) => Instance,
  wrap: (instance: Instance) => Instance,
  read: (...call: Call) => Call = (...call) => call,
): new (
  ...call: Call
) => Instance {
  const guarded = new Proxy(Class, {
    construct: (_, call, target) => {
      if (target !== guarded) {
        const todo = 'extend those of pg, and guard what is made of yours'
        throw new SqlGuardError('sql.client', `guarded classes cannot be extended: ${todo}`)
      }
      return wrap(new Class(...read(...(call as Call))))
    },
    // Statics would lead to the classes inside.
    get: (target, member) =>
      member === 'prototype' || member === 'name' ? Reflect.get(target, member) : undefined,
  })
  insides.set(guarded, Class)
  return guarded
}

/** The class inside a guarded one; `undefined` for every other thing. */
export function plainClassOf(value: unknown): object | undefined {
  return typeof value === 'function' ? insides.get(value) : undefined
}

/** Whether its instances are guarded, or could be none since it extends such a class. */
export function isOfGuardedClass(value: unknown): boolean {
  for (let each = value; typeof each === 'function'; each = Object.getPrototypeOf(each)) {
    if (insides.has(each)) return true
  }
  return false
}
