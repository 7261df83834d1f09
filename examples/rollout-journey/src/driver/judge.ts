import { STATUS_CODES } from 'node:http'
import { isDeepStrictEqual } from 'node:util'
import type { AnswerVerdict, Exchange } from './exchange.ts'

/** What came back. */
export interface Received {
  readonly status: number
  /** The body as it was sent. */
  readonly text: string
  /** The media type without parameters; empty for jobs. */
  readonly type: string
}

export interface Judgement {
  readonly verdict: AnswerVerdict
  readonly foreign: number
  readonly difference?: string
}

const blocked = 'TENANT_CONTEXT_REQUIRED'
const disabled = 'tenancy.disabled'

/**
 * Compares an answer with what the data says it must be, row by row, and does to the expected data
 * what the answer acknowledges.
 */
export function judge(exchange: Exchange, received: Received): Judgement {
  const { expect, leak } = exchange
  if (received.status === expect.status && received.text === JSON.stringify(expect.body)) {
    exchange.acknowledged?.()
    return { verdict: 'correct', foreign: 0 }
  }
  const body = parsed(received.text)
  const job = 'job' in exchange.send
  const reason = reasonOf(body)
  if (received.status === 501 && reason === disabled) {
    return refusal(received, { body, job }, ['disabled', disabled])
  }
  if (received.status === 500 && reason === blocked) {
    return refusal(received, { body, job }, ['blocked', blocked])
  }
  const foreign = received.status < 300 ? (leak?.foreign(body) ?? 0) : 0
  if (foreign > 0) {
    leak?.acknowledged?.()
    return { verdict: 'leaked', foreign }
  }
  return { verdict: 'wrong', foreign: 0, difference: differenceOf(expect, received.status, body) }
}

/**
 * A refusal must be the one problem document that its reason allows, which names no model, no table
 * and no tenant; a job's tells its reason alone.
 */
function refusal(
  { status, type }: Received,
  { body, job }: { readonly body: unknown; readonly job: boolean },
  [verdict, reason]: readonly ['blocked' | 'disabled', string],
): Judgement {
  const title = STATUS_CODES[status]
  const document = { type: 'about:blank', title, status, reason, detail: reason }
  const [wantedType, wanted] = job ? ['', { reason }] : ['application/problem+json', document]
  if (type === wantedType && isDeepStrictEqual(body, wanted)) return { verdict, foreign: 0 }
  const difference = `${verdict}, but the client reads ${short(body)} as "${type}"`
  return { verdict: 'wrong', foreign: 0, difference }
}

function reasonOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'reason' in body ? body.reason : undefined
}

function differenceOf(expect: Exchange['expect'], status: number, body: unknown): string {
  if (status !== expect.status) {
    return `expected status ${expect.status}, got ${status}: ${short(body)}`
  }
  if (Array.isArray(expect.body) && Array.isArray(body)) {
    const row = expect.body.findIndex((wanted, n) => !isDeepStrictEqual(wanted, body[n]))
    const where = row < 0 ? expect.body.length : row
    return `${expect.body.length} rows expected, ${body.length} got; row ${where}: expected ${short(expect.body[where])}, got ${short(body[where])}`
  }
  return `expected ${short(expect.body)}, got ${short(body)}`
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function short(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 160)
}
