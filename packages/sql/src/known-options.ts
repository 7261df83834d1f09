import { shapeOf } from '@partywall/context/spi'

/** What a value must be, in words that follow `expected`. */
export interface Expected {
  readonly words: string
  readonly fits: (value: unknown) => boolean
}

/** One entry for each option: the compiler finds one that nobody checks. */
export type KnownOptions<Options> = { readonly [Name in keyof Options]-?: Expected }

/** Checks what a call was given, for those whom no compiler tells. */
export interface Checks {
  /** Throws a message with the name, the value's shape and what was expected, never the value. */
  value(name: string, value: unknown, expected: Expected): void
  /** Throws where these are no options, one is none of the known, or has a value that does not fit. */
  options<Options extends object>(name: string, given: unknown, known: KnownOptions<Options>): void
}

/** @param refuse - makes the error of whoever was called */
export function createChecks(refuse: (message: string) => Error): Checks {
  function unfit(name: string, value: unknown, words: string): Error {
    const shape = isPromise(value) ? 'a promise; await it first:' : `${shapeOf(value)};`
    return refuse(`${name} is ${shape} expected ${words}`)
  }

  function check(name: string, value: unknown, { words, fits }: Expected): void {
    if (!fits(value)) throw unfit(name, value, words)
  }

  return {
    value: check,
    options(name, given, known) {
      const names = Object.keys(known)
      if (!isObject(given)) {
        throw unfit(name, given, `an object with ${names.join(', ')}`)
      }
      for (const option of Object.keys(given)) {
        if (names.includes(option)) continue
        const unknown = JSON.stringify(option)
        throw refuse(`${name} has no field ${unknown}; it may have ${names.join(', ')}`)
      }
      for (const [option, expected] of Object.entries<Expected>(known)) {
        check(option, Reflect.get(given, option), expected)
      }
    },
  }
}

/** Whether it is an object, and no list. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether each of these can be called on it. */
export function hasMethods(value: unknown, names: readonly string[]): value is object {
  return isObject(value) && names.every((name) => typeof Reflect.get(value, name) === 'function')
}

function isPromise(value: unknown): boolean {
  return hasMethods(value, ['then'])
}
