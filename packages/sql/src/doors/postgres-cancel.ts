import type { CancellableStatement, CancelRequests } from './postgres-cancel-requests.ts'

/** What the driver notes on a statement that it was given. */
export interface Cancellable extends CancellableStatement {
  /** Set when its turn has come. */
  active: boolean
  /** By which connection it is sent; nothing while it waits for one. */
  readonly state: unknown
  readonly options: { simple?: unknown }
  describeFirst?: unknown
  reject(error: unknown): void
}

interface Cancelling {
  /** Waits in the queue of one connection, which others of its owner use too. */
  readonly isHeld: boolean
  /** Tells whoever asked for the statement that it is cancelled. */
  readonly tell: (error: unknown) => void
  readonly requests: CancelRequests
}

/** As the driver says it of what it has not sent. */
export function cancelledError(): Error {
  const code = '57014'
  return Object.assign(new Error(`${code}: canceling statement due to user request`), { code })
}

/**
 * Cancels a statement that was given to the driver. What it finds cancelled when its turn comes it
 * skips, and not the answer to it: whoever comes after gets the answer to the one before, be it
 * another tenant's. So it is told when the turn has come. A connection that is opened for a statement
 * that it skips is nobody's any more: of what waits for one, nothing is sent in its turn.
 */
export async function cancelGiven(
  query: Cancellable,
  { isHeld, tell, requests }: Cancelling,
): Promise<void> {
  // The driver takes up what it was given in the tick after.
  await Promise.resolve()
  if (query.active) requests.send(query)
  else if (query.state !== null) cancelInTurn(query, requests)
  else {
    const error = cancelledError()
    sendNothing(query)
    tell(error)
    // It fails its transaction before anybody can commit it.
    if (isHeld) query.reject(error)
  }
}

function cancelInTurn(query: Cancellable, requests: CancelRequests): void {
  let active = false
  Object.defineProperty(query, 'active', {
    get: () => active,
    set(value: boolean) {
      active = value
      // Not on the line on which the turn comes: the driver opens another one by its settings.
      if (active) setImmediate(() => active && requests.send(query))
    },
  })
}

/** The text of it is none, to which a server has an answer and nothing to do, in any transaction. */
function sendNothing(query: Cancellable): void {
  Object.defineProperty(query, 'statement', {
    get: () => ({ string: '', types: [], columns: [] }),
    // The driver makes it right before it writes.
    set() {
      query.options.simple = true
      query.describeFirst = false
    },
  })
}
