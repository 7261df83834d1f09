import type { Database } from './database.ts'

/** One call of an endpoint, with everything that a handler may know about it. */
export interface Call {
  /** The number of the caller's tenant in the database. */
  readonly tenantKey: number
  readonly userId: string
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
  /** Which program calls: `legacy` is an old one that still takes old code paths. */
  readonly client: 'current' | 'legacy'
  readonly now: Date
}

export interface Reply {
  readonly status: number
  readonly body: unknown
}

export type Handler = (database: Database, call: Call) => Promise<Reply>

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly handler: Handler
}

export function ok(body: unknown): Reply {
  return { status: 200, body }
}

export const notFound: Reply = { status: 404, body: { error: 'not found' } }

/** A text field of a body. */
export function text(body: Readonly<Record<string, unknown>>, field: string): string {
  const value = body[field]
  return typeof value === 'string' ? value : ''
}

/** A parameter or query field as a whole number; 0 where it is none. */
export function whole(value: string | undefined): number {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : 0
}
