/**
 * The boundary as Express middleware, for Express 4.18 and 5.
 * @packageDocumentation
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Boundary, checkBoundary } from './boundary.ts'
import { answerError, openExchange } from './exchange.ts'
import { type RoutedRequest, routePatternOf } from './express-endpoint.ts'

export type { RoutedRequest } from './express-endpoint.ts'

/** The part of Express' `next` that is used. */
export type Next = (error?: unknown) => void

/** Fits `app.use` of both versions. */
export type BoundaryMiddleware = (
  request: IncomingMessage & RoutedRequest,
  response: ServerResponse,
  next: Next,
) => void

/** Fits `app.use` of both versions, as an error handler. */
export type ProblemMiddleware = (
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  next: Next,
) => void

/**
 * Lets admitted requests on, each in the scope of its tenant, and answers all others. Put it before
 * everything that is to belong to a tenant, body parsers included, and put it there once: a request
 * that comes to a second boundary is refused with `http.mounted_twice`.
 * @throws {@link BoundaryError} `http.invalid_options` for what is no boundary.
 */
export function boundaryMiddleware(boundary: Boundary): BoundaryMiddleware {
  checkBoundary(boundary)
  return function partywallBoundary(request, response, next) {
    const exchange = openExchange({
      boundary,
      request,
      response,
      target: request.originalUrl,
      endpoint: routePatternOf(request),
    })
    exchange.then((enter) => enter?.(next), next)
  }
}

/**
 * Answers errors of ours with problem details: a blocked query is a 500 that names no model. Put it
 * after the routes. Other errors, and answers that have already begun, go on to the next handler.
 */
export function problemHandler(): ProblemMiddleware {
  return function partywallProblems(error, _request, response, next) {
    if (!answerError(error, response)) next(error)
  }
}
