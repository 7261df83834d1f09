import { STATUS_CODES } from 'node:http'
import type { ErrorRequestHandler } from 'express'

/** The last error handler: problem details that say nothing of the request and nothing of the data. */
export const answerFailure: ErrorRequestHandler = (error, _request, response, next) => {
  if (response.headersSent) {
    next(error)
    return
  }
  const [status, reason] = isDatabaseGone(error)
    ? [503, 'database.unavailable']
    : [500, 'internal.error']
  if (status === 503) response.setHeader('retry-after', '1')
  response
    .status(status)
    .setHeader('cache-control', 'no-store')
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: 'about:blank',
        title: STATUS_CODES[status],
        status,
        reason,
        detail: reason,
      }),
    )
}

/** What the system and PostgreSQL call a server that is not there, goes down or comes up. */
const goneCodes = /^(?:ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|57P0[123]|08...)$/
/** `pg` gives no code to connections that break. */
const goneMessages = /^(?:Connection terminated|Client has encountered a connection error)/

/** Whether the database is gone: nobody is at its address, or it hung up. */
function isDatabaseGone(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  // The socket of a server that is down is a file that is not there.
  const noSocket = code === 'ENOENT' && 'syscall' in error && error.syscall === 'connect'
  return noSocket || goneCodes.test(code) || goneMessages.test(error.message)
}
