import type { Sql } from 'postgres'

/** What the driver notes on a statement that it has sent. */
export interface CancellableStatement {
  /** By which connection it was sent: one object for each, as long as the client lives. */
  readonly state: unknown
  /** The driver's own; it is called once. */
  canceller: ((statement: unknown) => unknown) | null
}

/** Requests to cancel: each goes by a connection of its own, and names that of the statement. */
export interface CancelRequests {
  /** Sends one for a statement that the server works on. */
  send(statement: CancellableStatement): void
  /**
   * Resolves when none is on its way to a connection, to `false` where one still is after some seconds;
   * nothing where there is none.
   */
  gone(connection: unknown): Promise<boolean> | undefined
  /** Those for a connection that was lost reach nobody. */
  forget(connection: unknown): void
}

const longestMs = 5000

export function createCancelRequests(options: Sql['options']): CancelRequests {
  const onTheirWay = new WeakMap<object, Promise<unknown>>()
  return {
    send(statement) {
      // The driver's own, where the statement was sent.
      const connection = statement.state as object
      const all = Promise.all([onTheirWay.get(connection), send(statement, options)])
      onTheirWay.set(connection, all)
      void all.then(() => {
        if (onTheirWay.get(connection) === all) onTheirWay.delete(connection)
      })
    },
    gone(connection) {
      const all = onTheirWay.get(connection as object)
      return all === undefined ? undefined : endsInTime(all)
    },
    forget(connection) {
      onTheirWay.delete(connection as object)
    },
  }
}

/**
 * Resolves when the connection of the request is closed. The server does that when the signal is sent,
 * which whoever is signalled gets before anything that is sent to him after.
 */
function send(statement: CancellableStatement, options: Sql['options']): Promise<void> {
  return new Promise((resolve) => {
    const closed = (): void => resolve()
    const { canceller } = statement
    statement.canceller = null
    // Its type says that nobody changes it.
    const driver = options as { backoff: unknown }
    const { backoff } = driver
    // A connection takes it when it is made, and asks when it is closed: by TLS the driver tells nobody.
    driver.backoff = (retries: unknown) => {
      closed()
      return typeof backoff === 'function' ? backoff(retries) : backoff
    }
    try {
      Promise.resolve(canceller?.(statement)).then(closed, closed)
    } finally {
      driver.backoff = backoff
    }
  })
}

function endsInTime(all: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, longestMs, false)
    void all.then(() => {
      clearTimeout(late)
      resolve(true)
    })
  })
}
