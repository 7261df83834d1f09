import { AsyncLocalStorage } from 'node:async_hooks'
import type { ClientCall, OwnKeys } from '@partywall/sql'
import type { AdapterQuery } from './sent-query.ts'

/** The call of a client that the running query was made for. */
export interface RunningCall {
  readonly call: ClientCall
  /** Keys of the tenant's rows that its statements have given. */
  readonly keys: OwnKeys
  /** Writes the tenant into what Prisma made of the call; what was written by hand stays. */
  scope(query: AdapterQuery): AdapterQuery
}

const calls = new AsyncLocalStorage<RunningCall | undefined>()

/** `undefined` where nobody can say whose query it is. */
export function runningCall(): RunningCall | undefined {
  return calls.getStore()
}

/** For the loader of a client alone: it knows whose call it is. */
export function runCall<Result>(call: RunningCall | undefined, work: () => Result): Result {
  return calls.run(call, work)
}
