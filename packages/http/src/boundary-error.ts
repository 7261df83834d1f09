import { PartywallError } from '@partywall/context'

/** Why a boundary cannot be made. */
export type BoundaryErrorCode = 'http.invalid_options'

/** Raised at start, never for a request. */
export class BoundaryError extends PartywallError<BoundaryErrorCode> {
  override readonly name = 'BoundaryError'
}

/** A wrong option, said in a sentence that carries no value. */
export function invalidOption(message: string): BoundaryError {
  return new BoundaryError('http.invalid_options', message)
}
