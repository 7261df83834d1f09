import { onDecision, runWithTenant } from '@partywall/context'
import { acme, globex, refused } from './shop.ts'

export const asAcme = <Result>(work: () => Result): Result => runWithTenant(acme, work)
export const asGlobex = <Result>(work: () => Result): Result => runWithTenant(globex, work)

/** The shapes of all statements that were refused while `work` ran: a library's own must be none. */
export async function refusedDuring(work: () => Promise<unknown>): Promise<readonly string[]> {
  const refused: string[] = []
  const stop = onDecision((event) => {
    if (event.type !== 'decision' || event.decision.action !== 'block') return
    refused.push(String(event.violation.shape.statement))
  })
  try {
    await work()
  } finally {
    stop()
  }
  return refused
}

/** How an ORM reaches the server of the tests, which `pg` reaches by a URL. */
export function connectionOf(url: string): {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
} {
  const { searchParams, hostname, port, username, password, pathname } = new URL(url)
  return {
    host: searchParams.get('host') ?? hostname,
    port: Number(port || 5432),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
  }
}

/** Whether this is the guard's refusal of a leak, or the wrapping that an ORM puts around it. */
export function isRefusal(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { code, message, cause, original, driverError } = error as Record<string, unknown>
  if (code === refused.code && message === refused.message) return true
  return [cause, original, driverError].some(isRefusal)
}
