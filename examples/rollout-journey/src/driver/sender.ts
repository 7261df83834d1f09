import { Pool } from 'undici'
import type { JobOutcome } from '../fleet/instance-process.ts'
import type { JobRequest, WireRequest } from './exchange.ts'
import type { Received } from './judge.ts'
import type { Lane } from './lane.ts'

/** An answer with who gave it. `echoed` is the number of the request that it claims to answer. */
export interface Delivery extends Received {
  readonly instance: string
  readonly echoed: string
}

export interface Sender {
  send(lane: Lane, request: WireRequest, options: SendOptions): Promise<Delivery>
  order(lane: Lane, request: JobRequest): Promise<Received & { readonly instance: string }>
  close(): Promise<void>
}

export interface SendOptions {
  readonly requestId: string
  readonly legacy?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

export type RunJob = (
  name: string,
  tenantId: string,
  argument: string,
) => Promise<JobOutcome & { readonly instance: string }>

const connections = 32
const answerWithinMs = 20_000

/** Sends requests to one port and jobs to the fleet. */
export function createSender(port: number, runJob: RunJob): Sender {
  const pool = new Pool(`http://127.0.0.1:${port}`, {
    connections,
    headersTimeout: answerWithinMs,
    bodyTimeout: answerWithinMs,
  })
  return {
    async send(lane, { method, path, body }, { requestId, legacy, signal }) {
      const answer = await pool.request({
        method,
        path,
        headers: {
          'x-tenant-id': lane.user.tenantId,
          'x-request-id': requestId,
          ...(lane.token === '' ? {} : { authorization: `Bearer ${lane.token}` }),
          ...(legacy === true ? { 'x-client': 'legacy' } : {}),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        signal: signal ?? null,
      })
      const text = await answer.body.text()
      return {
        status: answer.statusCode,
        text,
        type: headerText(answer.headers['content-type']).split(';')[0] ?? '',
        instance: headerText(answer.headers['x-instance']),
        echoed: headerText(answer.headers['x-request-id']),
      }
    },
    async order(lane, { job, argument }) {
      const outcome = await runJob(job, lane.user.tenantId, argument)
      if (outcome.ok) {
        const text = JSON.stringify(outcome.result)
        return { status: 200, text, type: '', instance: outcome.instance }
      }
      const status = outcome.code === 'tenancy.disabled' ? 501 : 500
      const text = JSON.stringify({ reason: outcome.code })
      return { status, text, type: '', instance: outcome.instance }
    },
    close: () => pool.destroy(),
  }
}

function headerText(value: string | string[] | undefined): string {
  return typeof value === 'string' ? value : ''
}
