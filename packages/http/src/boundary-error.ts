import { PartywallError } from '@partywall/context'

/** Why a boundary cannot be made, or cannot be where it was put. */
export type BoundaryErrorCode = 'http.invalid_options' | 'http.mounted_twice'

/**
 * Raised at start: `http.invalid_options`. Told as a fault, and answered with 500, for a request that
 * has been through a boundary already: `http.mounted_twice`.
 */
export class BoundaryError extends PartywallError<BoundaryErrorCode> {
  override readonly name = 'BoundaryError'
}

/** A wrong option, said in a sentence that carries no value. */
export function invalidOption(message: string): BoundaryError {
  return new BoundaryError('http.invalid_options', message)
}

/** A second boundary, which would decide and count again. */
export function mountedTwice(): BoundaryError {
  return new BoundaryError(
    'http.mounted_twice',
    'a request came to a second boundary: put one before everything, and remove the others',
  )
}
