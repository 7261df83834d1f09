/**
 * The boundary in front of a plain Node listener.
 * @packageDocumentation
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Boundary } from './boundary.ts'
import { answerProblem, openExchange } from './exchange.ts'
import { problemOfError } from './problem.ts'

export interface BoundaryListenerOptions {
  /**
   * The pattern of the route that a request is for, never its URL; asked late, when something is
   * told about the request.
   * @defaultValue `unmatched`
   */
  readonly endpoint?: ((request: IncomingMessage) => string | undefined) | undefined
}

/** Calls `listener` for admitted requests only, each in the scope of its tenant. */
export function boundaryListener(
  boundary: Boundary,
  listener: (request: IncomingMessage, response: ServerResponse) => unknown,
  options: BoundaryListenerOptions = {},
): RequestListener {
  const { endpoint } = options
  return async (request, response) => {
    const enter = await openExchange({
      boundary,
      request,
      response,
      target: request.url ?? '',
      endpoint: () => endpoint?.(request),
    })
    enter?.(() => {
      listener(request, response)
    })
  }
}

/**
 * Answers an error of ours with problem details, and tells whether it did. Other errors, and
 * answers that have already begun, are left alone.
 */
export function answerError(error: unknown, response: ServerResponse): boolean {
  const problem = problemOfError(error)
  if (problem === undefined || response.headersSent) return false
  answerProblem(response, problem)
  return true
}
