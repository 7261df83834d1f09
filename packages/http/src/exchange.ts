import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RefusalEvent } from '@partywall/context'
import {
  currentScope,
  type Operation,
  publish,
  runInScope,
  startOperation,
} from '@partywall/context/spi'
import type { Admission } from './admission.ts'
import type { Boundary } from './boundary.ts'
import { mountedTwice } from './boundary-error.ts'
import { onHangUp } from './hang-up.ts'
import { viewOf } from './incoming-view.ts'
import { type Problem, problemOf, problemOfError, statusOf } from './problem.ts'
import { keepPrivate } from './response-headers.ts'

export interface ExchangeOptions {
  readonly boundary: Boundary
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** The target as it was sent. */
  readonly target: string
  /** The pattern of the route, once it is known. */
  readonly endpoint: () => string | undefined
}

/** Runs the rest of an admitted request in its scope. */
type Enter = <Result>(work: () => Result) => Result

/** Codes of refusals, by response, for the end of the operation. */
const codes = new WeakMap<ServerResponse, string>()

/** On a request that has been through a boundary, of whichever copy of this package. */
const passed = Symbol.for('partywall.http/0/passed')

/**
 * Counts a request as an operation, decides about it, and answers it when it is refused: only an
 * admitted one gets a way to go on. A boundary that fails admits nobody, and so does a second one.
 */
export async function openExchange(options: ExchangeOptions): Promise<Enter | undefined> {
  const { boundary, request, response, target, endpoint } = options
  if (passed in request) {
    refuseSecond(response)
    return undefined
  }
  Object.defineProperty(request, passed, { value: true })
  const method = request.method ?? 'UNKNOWN'
  const { operation, end } = startOperation({ kind: 'request', method, endpoint })
  response.once('finish', () => {
    end(outcomeOf(response))
  })
  // Without an answer the client may have left, which is nobody's failure, or the server hung up.
  onHangUp(request, response, (by) => {
    end(response.headersSent ? outcomeOf(response) : { failed: by === 'server' })
  })
  try {
    const view = viewOf(request, target, boundary.fields)
    const admission: Admission =
      view === undefined ? { ok: false, code: 'request.invalid' } : await boundary.receive(view)
    if (!admission.ok) {
      refuse(admission, options, operation)
      return undefined
    }
    const tenant = boundary.contextOf(admission)
    keepPrivate(response, admission.vary)
    const scope = Object.freeze({ tenant, system: undefined, operation })
    // Not runWithTenant: a server started inside a tenant's scope must not hand it to its requests.
    return (work) => runInScope(scope, work)
  } catch (error) {
    publish({ type: 'fault', surface: 'http', error })
    answerProblem(response, problemOf('boundary.fault'))
    return undefined
  }
}

/** Neither of the two may weaken the other, so that neither decides. The first one counts it. */
function refuseSecond(response: ServerResponse): void {
  const error = mountedTwice()
  publish({ type: 'fault', surface: 'http', error })
  if (response.headersSent) response.destroy()
  else answerProblem(response, problemOf(error.code))
}

function refuse(
  { code, tenantId, userId }: Extract<Admission, { ok: false }>,
  { boundary, response }: ExchangeOptions,
  operation: Operation,
): void {
  const status = code === 'tenant.unknown' ? boundary.unknownTenantStatus : statusOf(code)
  publish({
    type: 'refusal',
    surface: 'http',
    code,
    status,
    operation,
    ...(tenantId === undefined ? {} : { tenantId }),
    ...(userId === undefined ? {} : { userId }),
  } satisfies RefusalEvent)
  answerProblem(response, problemOf(code, status))
}

/**
 * Answers an error of ours that the work threw, and tells whether it did: other errors, and answers
 * that have already begun, are left alone. What refuses the caller is told like a refusal.
 */
export function answerError(error: unknown, response: ServerResponse): boolean {
  const problem = problemOfError(error)
  if (problem === undefined || response.headersSent) return false
  if (problem.status !== 500) {
    const { tenant, operation } = currentScope() ?? {}
    publish({
      type: 'refusal',
      surface: 'http',
      code: problem.reason,
      status: problem.status,
      ...(operation === undefined ? {} : { operation }),
      ...(tenant === undefined ? {} : { tenantId: tenant.tenantId }),
      ...(tenant?.userId === undefined ? {} : { userId: tenant.userId }),
    } satisfies RefusalEvent)
  }
  answerProblem(response, problem)
  return true
}

/** Answers with problem details that no cache keeps. Nothing that was set before goes out. */
function answerProblem(response: ServerResponse, problem: Problem): void {
  codes.set(response, problem.reason)
  const body = Buffer.from(JSON.stringify(problem))
  for (const name of ['content-encoding', 'etag', 'last-modified', 'set-cookie']) {
    response.removeHeader(name)
  }
  response.statusCode = problem.status
  response.setHeader('Content-Type', 'application/problem+json')
  response.setHeader('Content-Length', body.length)
  response.setHeader('Cache-Control', 'no-store')
  if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer')
  response.end(body)
}

function outcomeOf(response: ServerResponse): {
  readonly status: number
  readonly failed: boolean
  readonly code?: string
} {
  const code = codes.get(response)
  const status = response.statusCode
  return { status, failed: status >= 500, ...(code === undefined ? {} : { code }) }
}
