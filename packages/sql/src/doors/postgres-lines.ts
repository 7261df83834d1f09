import { AsyncLocalStorage } from 'node:async_hooks'
import type { Sql } from 'postgres'
import { SqlGuardError } from '../guard/sql-guard-error.ts'
import { type CancelRequests, createCancelRequests } from './postgres-cancel-requests.ts'

/** What the driver keeps of a connection as long as the client lives, and opens again and again. */
export interface DriverConnection {
  readonly id: number
  /** Another one for each that has the connection, and none once it was lost. */
  readonly reserved?: DriverReservation | null
  /** Where the driver finds it: what is in none is given to nobody. */
  readonly queue: {
    remove(connection: DriverConnection): void
    push(connection: DriverConnection): void
  }
  idleTimer: IdleTimer
  terminate(): void
}

/** Without `release`, the driver takes a connection back once the server says that nothing is open. */
export interface DriverReservation {
  release?: boolean
}

/** Started where a connection is nobody's: the server is ready again. Cancelled where it is taken. */
interface IdleTimer {
  start(): void
  cancel(): void
}

interface Opened extends PromiseLike<unknown> {
  readonly state: unknown
}

/** None of its types: the driver calls it with the connection that sends the statement. */
export const heard = (onexecute: (connection: DriverConnection) => boolean): object => ({
  onexecute,
})

/** The connection that something was given which was asked of the driver. */
export interface Taken {
  connection?: DriverConnection
  /** What the driver notes on the statements that it sends by it. */
  backend?: unknown
}

const taking = new AsyncLocalStorage<Taken>()

/** Notes the first connection that is taken for what `work` asks of the driver. */
export function noteTaken<Result>(taken: Taken, work: () => Result): Result {
  return taking.run(taken, work)
}

/** The connections of a client, as the driver has them. */
export interface Lines {
  readonly requests: CancelRequests
  /** How many are open, and nobody's. */
  readonly free: number
  /** How many are being opened. */
  readonly opening: number
  /** Whether the driver would open one more. */
  readonly hasRoom: boolean
  /** Opens one more; `fail` is called where none comes about. */
  open(fail: (error: unknown) => void): void
}

/**
 * Who sends by a connection is answered, now and then, before the server is ready for somebody else:
 * a description, a stream, an error of the user's own. When it is ready only the driver knows. So each
 * connection is opened by a statement of ours, by which the driver shows it, and followed from then on.
 */
export function followLines(raw: Sql, changed: () => void): Lines {
  // As the driver counts them: of a text it makes one.
  const most = [...Array(raw.options.max)].length
  const requests = createCancelRequests(raw.options)
  // What the driver notes of each on its statements.
  const backends = new Map<number, unknown>()
  const open = new Set<number>()
  const free = new Set<number>()
  let opening = 0
  // Of these nobody waits for an answer any more, but the driver has yet to say that they are closed.
  let failing = 0

  function follow(connection: DriverConnection, backend: unknown): void {
    const { id, idleTimer } = connection
    if (backends.has(id)) return
    backends.set(id, backend)
    // Until when it is kept from everybody.
    let gone: Promise<boolean> | undefined
    connection.idleTimer = {
      start() {
        // Where the socket of one that was lent has sent all that waited: the driver forgets to whom.
        if (connection.reserved) {
          connection.queue.remove(connection)
          return
        }
        open.add(id)
        gone = requests.gone(backend)
        if (gone !== undefined) {
          keep(gone)
          return
        }
        free.add(id)
        idleTimer.start()
        changed()
      },
      cancel() {
        gone = undefined
        const taken = taking.getStore()
        if (taken !== undefined && taken.connection === undefined) {
          Object.assign(taken, { connection, backend })
        }
        free.delete(id)
        idleTimer.cancel()
      },
    }

    /** What comes late would cancel the statement of whoever has the connection by then. */
    function keep(until: Promise<boolean>): void {
      const found = connection.queue
      found.remove(connection)
      void until.then((isGone) => {
        if (gone !== until) return
        if (!isGone) return connection.terminate()
        found.push(connection)
        connection.idleTimer.start()
      })
    }
  }

  followClosed(raw.options, (id) => {
    const wasOpen = open.delete(id)
    requests.forget(backends.get(id))
    // Whoever waits for one that was not open yet is told first.
    void Promise.resolve().then(() => {
      if (!wasOpen && failing > 0) {
        failing -= 1
        opening -= 1
      }
      changed()
    })
  })

  return {
    requests,
    get free() {
      return free.size
    },
    get opening() {
      return opening
    },
    get hasRoom() {
      return open.size + opening < most
    },
    open(fail) {
      opening += 1
      let isShown = false
      const show = (connection: DriverConnection): boolean => {
        follow(connection, opened.state)
        isShown = true
        return true
      }
      // No text: no column or row of an answer meets the parsers and transforms of the user.
      // The driver's own type says nothing of it.
      const opened = raw.unsafe('', [], heard(show)) as unknown as Opened
      opened.then(
        () => {
          opening -= 1
          if (!isShown) fail(new SqlGuardError('sql.client', unknown))
          changed()
        },
        (error: unknown) => {
          if (!isShown && isEnd(error)) failing += 1
          else opening -= 1
          if (!isAnswer(error)) fail(error)
          changed()
        },
      )
    },
  }
}

const unknown =
  'the connections of the client cannot be followed; expected postgres.js 3.4, and max_pipeline above 0'

/** The driver reads its options when it needs them. */
function followClosed(options: Sql['options'], closed: (id: number) => void): void {
  const { onclose } = options
  options.onclose = (id) => {
    try {
      onclose?.(id)
    } finally {
      closed(id)
    }
  }
}

/**
 * Whether a connection that was not open yet ends with this: the driver has a closed one only later.
 * After an error of the user's own code it goes on to open it. A client that was ended opens none.
 */
function isEnd(error: unknown): boolean {
  if (!(error instanceof Error) || isAnswer(error)) return false
  const { code } = error as NodeJS.ErrnoException
  if (code === 'CONNECTION_ENDED' || code === 'CONNECTION_DESTROYED') return false
  return error.name === 'PostgresError' || 'errno' in error
}

/**
 * What a server said of a statement, be it of one before: the driver keeps what was said last before a
 * connection was lost, for whoever has it opened again. Either way the connection is there now.
 */
function isAnswer(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name === 'PostgresError' &&
    typeof Reflect.get(error, 'query') === 'string'
  )
}
