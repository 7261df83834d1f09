/**
 * The boundary in front of a plain Node listener.
 * @packageDocumentation
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Boundary } from './boundary.ts'
import { answerError, openExchange } from './exchange.ts'

export interface BoundaryListenerOptions {
  /**
   * The pattern of the route that a request is for, never its URL; asked late, when something is
   * told about the request.
   * @defaultValue `unmatched`
   */
  readonly endpoint?: ((request: IncomingMessage) => string | undefined) | undefined
}

/**
 * Calls `listener` for admitted requests only, each in the scope of its tenant. An error of ours
 * that it throws or rejects with is answered with problem details, unless its answer has begun;
 * every other error goes on as it would without a boundary.
 */
export function boundaryListener(
  boundary: Boundary,
  listener: (request: IncomingMessage, response: ServerResponse) => unknown,
  options: BoundaryListenerOptions = {},
): RequestListener {
  const { endpoint } = options
  return (request, response) => {
    const exchange = openExchange({
      boundary,
      request,
      response,
      target: request.url ?? '',
      endpoint: () => endpoint?.(request),
    })
    async function serve(): Promise<void> {
      try {
        await listener(request, response)
      } catch (error) {
        if (!answerError(error, response)) throw error
      }
    }
    exchange.then(
      (enter) => enter?.(serve),
      () => response.destroy(),
    )
  }
}
