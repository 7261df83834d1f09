import type { LeakKind } from '../leaks/leak.ts'

/** What one request of the plan sends, and what must come back. */
export interface Exchange {
  readonly send: WireRequest | JobRequest
  readonly expect: { readonly status: number; readonly body: unknown }
  /** What an acknowledged answer means for the data. */
  readonly acknowledged?: (() => void) | undefined
  /** Set for requests that aim at a leak. */
  readonly leak?: LeakWatch | undefined
}

export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly body?: Readonly<Record<string, unknown>> | undefined
}

export interface JobRequest {
  readonly job: string
  readonly argument: string
}

export interface LeakWatch {
  readonly kind: LeakKind
  /** How many rows of other tenants an answer shows or says it touched; 0 where it does not leak. */
  foreign(body: unknown): number
  /** What a leaking answer did to the sender's own rows. */
  readonly acknowledged?: (() => void) | undefined
}

/** What an answer turned out to be. */
export const verdicts = ['correct', 'leaked', 'blocked', 'disabled', 'wrong', 'lost'] as const
export type AnswerVerdict = (typeof verdicts)[number]

/** One answer, judged. Times are wall-clock milliseconds of `performance.now()`. */
export interface Answer {
  /** When it was sent on the clock of the story, in epoch milliseconds. */
  readonly storyTime: number
  readonly kind: string
  readonly leak: LeakKind | undefined
  readonly tenantId: string
  readonly instance: string
  readonly sentAt: number
  readonly answeredAt: number
  readonly verdict: AnswerVerdict
  /** Rows of other tenants that were served or touched. */
  readonly foreign: number
  /** What was wrong, where it was. */
  readonly difference?: string | undefined
}
