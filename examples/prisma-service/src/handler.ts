import type { JobOrder } from '../../rollout-journey/src/leaks/leak.ts'
import type { Call, Reply } from '../../rollout-journey/src/service/handler.ts'
import type { Client } from './guarded-client.ts'

export {
  type Call,
  notFound,
  ok,
  text,
  whole,
} from '../../rollout-journey/src/service/handler.ts'

export type Handler = (prisma: Client, call: Call) => Promise<Reply>

export type Job = (prisma: Client, order: JobOrder) => Promise<unknown>

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly handler: Handler
}

/** A place where a leak was planted: as it was found, and what mends it. */
export interface Planted<Code> {
  readonly leaking: Code
  readonly mended: Code
}
