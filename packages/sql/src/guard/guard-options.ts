import { type Enforcement, shapeOf } from '@partywall/context/spi'
import { SqlGuardError } from './sql-guard-error.ts'

export interface GuardOptions {
  /** How strict the guard is, and the kill switch. @defaultValue every violation is blocked */
  readonly enforcement?: Enforcement | undefined
  /** Longer texts are not read, and so are violations. @defaultValue `65536` characters */
  readonly maxTextLength?: number | undefined
  /** How many texts are remembered with what was proved about them. @defaultValue `2000` */
  readonly cachedTexts?: number | undefined
}

const fields = ['enforcement', 'maxTextLength', 'cachedTexts']

/**
 * Checks the options that the compiler checks for others: a misspelt one would silently do nothing.
 * @throws {@link SqlGuardError} `sql.options`
 */
export function checkGuardOptions(options: GuardOptions): void {
  const known = fields.join(', ')
  if (typeof options !== 'object' || options === null) {
    throw unexpected('options', options, `an object with ${known}`)
  }
  for (const field of Object.keys(options)) {
    if (fields.includes(field)) continue
    const name = JSON.stringify(field)
    throw new SqlGuardError('sql.options', `options has no field ${name}; it may have ${known}`)
  }
  const { enforcement, maxTextLength, cachedTexts } = options
  for (const [field, value] of Object.entries({ maxTextLength, cachedTexts })) {
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0)) {
      throw unexpected(field, value, 'a positive integer')
    }
  }
  if (enforcement !== undefined && !isEnforcement(enforcement)) {
    throw unexpected('enforcement', enforcement, 'an Enforcement, such as rollout.enforcement')
  }
}

function isEnforcement(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const isFunction = (name: string): boolean => typeof Reflect.get(value, name) === 'function'
  return isFunction('decide') && isFunction('refusal')
}

function unexpected(field: string, value: unknown, expected: string): SqlGuardError {
  return new SqlGuardError('sql.options', `${field} is ${shapeOf(value)}; expected ${expected}`)
}
