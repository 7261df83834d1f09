const brand = Symbol.for('partywall.error/0')

/**
 * The base of every error of every package. `code` is stable and is the same string in the error,
 * the HTTP problem, the event and the metric label. Match on it: two copies of a package may be
 * loaded, so `instanceof` can be false for the same error.
 */
export class PartywallError<Code extends string = string> extends Error {
  override readonly name: string = 'PartywallError'
  readonly code: Code

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  /** What may be shown and stored: no stack, no cause. */
  toJSON(): { readonly name: string; readonly code: Code; readonly message: string } {
    return { name: this.name, code: this.code, message: this.message }
  }
}

// Inherited by every error of every package; a prototype keeps it out of what is printed.
Object.defineProperty(PartywallError.prototype, brand, { value: true })

/** Whether `error` is ours, whichever copy of the package made it; with `code`, whether it is that one. */
export function isPartywallError<Code extends string>(
  error: unknown,
  code?: Code,
): error is PartywallError<Code> {
  if (typeof error !== 'object' || error === null || !(brand in error)) return false
  return code === undefined || ('code' in error && error.code === code)
}
