/**
 * The boundary in front of a plain Node listener.
 * @packageDocumentation
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { type Boundary, checkBoundary } from './boundary.ts'
import { answerError, openExchange } from './exchange.ts'
import { checkFields, unexpected } from './option-shape.ts'

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
 * every other error goes on as it would without a boundary. A request that comes to a second
 * boundary is refused with `http.mounted_twice`.
 * @throws {@link BoundaryError} `http.invalid_options`
 */
export function boundaryListener(
  boundary: Boundary,
  listener: (request: IncomingMessage, response: ServerResponse) => unknown,
  options: BoundaryListenerOptions = {},
): RequestListener {
  checkBoundary(boundary)
  if (typeof listener !== 'function') throw unexpected('listener', listener, 'a function')
  checkFields('options', options, ['endpoint'])
  const { endpoint } = options
  if (endpoint !== undefined && typeof endpoint !== 'function') {
    throw unexpected('endpoint', endpoint, 'a function')
  }
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
