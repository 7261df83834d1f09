import { shapeOf } from '@partywall/context/spi'
import { type BoundaryError, invalidOption } from './boundary-error.ts'

/** A field that is not what it must be: its name, its shape and what was expected, never its value. */
export function unexpected(field: string, value: unknown, expected: string): BoundaryError {
  return invalidOption(`${field} is ${shapeOf(value)}; expected ${expected}`)
}

/**
 * Checks that these are options, and that each is known: a misspelt one would silently do nothing.
 * @throws {@link BoundaryError} `http.invalid_options`
 */
export function checkFields(name: string, options: unknown, known: readonly string[]): void {
  const fields = known.join(', ')
  if (!isObject(options)) throw unexpected(name, options, `an object with ${fields}`)
  for (const field of Object.keys(options)) {
    if (!known.includes(field)) {
      throw invalidOption(`${name} has no field ${JSON.stringify(field)}; it may have ${fields}`)
    }
  }
}

/**
 * Checks that a part can be called as it will be.
 * @throws {@link BoundaryError} `http.invalid_options`
 */
export function checkMethods(
  field: string,
  part: unknown,
  { methods, expected }: { readonly methods: readonly string[]; readonly expected: string },
): void {
  if (isObject(part) && 'then' in part) {
    throw invalidOption(`${field} is a promise; await it first: expected ${expected}`)
  }
  for (const method of methods) {
    if (!isObject(part) || typeof Reflect.get(part, method) !== 'function') {
      throw unexpected(field, part, `${expected}, with ${methods.join(' and ')}`)
    }
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
