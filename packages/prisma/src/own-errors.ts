import { isPartywallError } from '@partywall/context'

/** The part of Prisma's client that makes its errors. */
export interface ErrorHandler {
  handleAndLogRequestError(failure: { readonly error: unknown }): void
}

/** Lets refusals through as they are: Prisma would make errors of its own of them. */
export function keepOwnErrors(handler: ErrorHandler): void {
  const handle = handler.handleAndLogRequestError.bind(handler)
  handler.handleAndLogRequestError = (failure) => {
    try {
      handle(failure)
    } catch (error) {
      throw isPartywallError(failure.error) ? failure.error : error
    }
  }
}
