import { EventEmitter } from 'node:events'

/** What the server says of the transactions of one client. */
export interface TransactionWatch {
  /** Called before each statement that the client gets. */
  sending(): void
  /** Calls back at once, or when everything that was sent is answered, or the connection is gone. */
  whenSettled(tell: () => void): void
}

/**
 * Tells, whenever everything that was sent is answered, whether a transaction is open, be it a failed
 * one. `undefined` where the client does not let anybody hear its connection.
 */
export function watchTransactions(
  client: object,
  tell: (isOpen: boolean) => void,
): TransactionWatch | undefined {
  const connection: unknown = Reflect.get(client, 'connection')
  if (!(connection instanceof EventEmitter) || !(client instanceof EventEmitter)) return undefined
  // What the server will say that it is ready after.
  let awaited = 0
  let isOpen: boolean | undefined
  let isGone = false
  let waiting: (() => void)[] = []

  function release(): void {
    if (waiting.length === 0) return
    const told = waiting
    waiting = []
    for (const each of told) process.nextTick(each)
  }

  function idle(): void {
    awaited = 0
    if (isOpen !== undefined) tell(isOpen)
    release()
  }

  // The start of a session is answered like a statement.
  connection.on('authenticationOk', () => {
    awaited += 1
  })
  // Before the driver hands the client to the next who waits for it.
  connection.prependListener('readyForQuery', ({ status }) => {
    isOpen = status !== 'I'
    awaited -= 1
    if (awaited <= 0) idle()
  })
  // Also what the driver never sent, since its time was over, is answered then.
  client.on('drain', idle)
  connection.on('end', () => {
    isGone = true
    release()
  })
  return {
    sending() {
      awaited += 1
    },
    whenSettled(each) {
      if (awaited > 0 && !isGone) waiting.push(each)
      else each()
    },
  }
}
