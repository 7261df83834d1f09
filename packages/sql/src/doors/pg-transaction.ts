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
  let isOpen = isOpenNow(client)
  // The server is ready again after a failure; a driver that pipelines says before that it is done.
  let isFailing = false
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
  // Before the driver tells anybody, or hands the client to the next who waits for it.
  connection.prependListener('errorMessage', () => {
    isFailing = true
  })
  connection.prependListener('readyForQuery', ({ status }) => {
    isFailing = false
    isOpen = status !== 'I'
    awaited -= 1
    if (awaited <= 0) idle()
  })
  // Also what the driver never sent, since its time was over, is answered then.
  client.on('drain', () => {
    if (!isFailing) idle()
  })
  // Before the driver, which throws where nobody hears of errors.
  connection.prependListener('end', () => {
    isGone = true
    release()
  })

  const isPipelined = (): boolean => Reflect.get(client, 'pipeline') === true

  /**
   * A pipeline refuses some statements without sending them, and tells nobody that it is done. This is
   * not sent either, but has it say so: now, or when what was sent before is answered.
   */
  function askForDrain(): void {
    awaited += 1
    const query: unknown = Reflect.get(client, 'query')
    const unsendable = { text: '', values: 'no list' }
    if (typeof query === 'function') Reflect.apply(query, client, [unsendable, () => undefined])
  }

  return {
    sending() {
      awaited += 1
    },
    whenSettled(each) {
      if (awaited <= 0 || isGone) {
        each()
        return
      }
      waiting.push(each)
      if (isPipelined()) askForDrain()
    },
  }
}

/** Tells once: that everything is answered, or in so many milliseconds that it is not. */
export function settledInTime(
  whenSettled: (tell: () => void) => void,
  timeout: unknown,
  then: (isSettled: boolean) => void,
): void {
  let timer: NodeJS.Timeout | undefined
  let isTold = false
  const tell = (isSettled: boolean): void => {
    if (isTold) return
    isTold = true
    clearTimeout(timer)
    then(isSettled)
  }
  whenSettled(() => tell(true))
  if (!isTold && typeof timeout === 'number' && timeout > 0)
    timer = setTimeout(tell, timeout, false)
}

/** What the server said before anybody listened. */
function isOpenNow(client: object): boolean | undefined {
  const ask: unknown = Reflect.get(client, 'getTransactionStatus')
  const status: unknown = typeof ask === 'function' ? Reflect.apply(ask, client, []) : undefined
  return typeof status === 'string' ? status !== 'I' : undefined
}
