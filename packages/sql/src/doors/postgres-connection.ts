import { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Sql } from 'postgres'
import { reportFailure } from '../guard/drift.ts'
import type { Guard, GuardSession, SentStatement } from '../guard/guard.ts'
import { findsAlike } from '../guard/session-path.ts'
import { connectionError, detachedAnswer, detachedError } from './postgres-answers.ts'
import type { DriverQuery } from './postgres-driver.ts'
import {
  afterThisTurn,
  type Client,
  type HeldConnection,
  type Reserved,
  reserve,
} from './postgres-held.ts'
import type { CheckedStatement, Sending } from './postgres-sender.ts'
import type { ClientSettings } from './postgres-settings.ts'
import { createTurns, type Turns } from './postgres-turns.ts'
import { resetSession } from './session-reset.ts'
import type { SessionSettings } from './session-settings.ts'

/** Until when statements may be sent by a connection that others use after. */
export interface Lease {
  isOver: boolean
  readonly connection: HeldConnection
  /** While it is not known whether it was lost by what failed last. */
  settling?: Promise<void> | undefined
}

/** How statements go to the connections of one client. */
export interface GuardedConnections {
  /** Each statement by whatever connection is free. */
  readonly pooled: Sending
  readonly turns: Turns
  /** Throws when the client was ended. */
  admit(): void
  /** Ends the client when nobody waits, and nothing of the system is apart, or in so many seconds. */
  end(timeout: number | null | undefined): Promise<void>
  /** By one connection, which goes back with nothing left on it. */
  reserve(): Promise<ReservedConnection>
  /** By the connection of a transaction. */
  held(raw: Pick<Sql, 'unsafe'>, session: GuardSession, lease: Lease): Sending
}

export interface ReservedConnection {
  readonly own: Reserved['own']
  readonly sending: Sending
  readonly release: () => void
}

const tick = Promise.resolve()

const untold: Pick<Sending, 'taken' | 'refused'> = {
  taken: () => undefined,
  refused: () => undefined,
}

export function guardConnections(
  raw: Sql,
  guard: Guard,
  settings: ClientSettings,
): GuardedConnections {
  const { debug } = raw.options
  const turns = createTurns(raw)

  const isMeant = (): boolean => settings.isKnown && findsAlike(guard, settings.lookup)

  function check(session: GuardSession, statement: SentStatement, lease?: Lease): void {
    const opaque = statement.opaque === true || !isMeant() || lease?.isOver === true
    session.check({ ...statement, opaque })
  }

  function pooled(): Sending {
    let session = guard.session({ pooled: true })
    // Of the statement that was checked last; it is sent at once.
    let changes = false
    let last: SentStatement | undefined
    /** The server of a connection that was opened for a statement has spoken only with its answer. */
    function answered(statement: SentStatement | undefined): void {
      if (statement !== undefined && !isMeant()) {
        check(guard.session({ pooled: true }), statement)
      }
    }
    return {
      debug,
      isHeld: false,
      requests: turns.requests,
      ...untold,
      check(statement) {
        admit()
        check(session, statement)
        changes = session.state === 'changed'
        last = isMeant() ? statement : undefined
        // It goes to a connection of its own.
        if (changes) session = guard.session({ pooled: true })
      },
      dispatch(query, statement) {
        const checked = last
        if (changes) {
          void settings.changing(() => sendApart({ raw, turns }, settings, { query, statement }))
          return
        }
        const accept = (): void => answered(checked)
        turns.take({
          isWanted: () => query.cancelled === null,
          go() {
            try {
              // What servers say may be new since it was checked.
              accept()
              answer(query, statement.send(raw), guard, { accept })
            } catch (error) {
              query.reject(error)
            }
          },
          refuse: (error) => query.reject(detachedError(error, query)),
        })
      },
    }
  }

  function held(own: Pick<Sql, 'unsafe'>, session: GuardSession, lease: Lease): Sending {
    return {
      debug,
      isHeld: true,
      requests: turns.requests,
      ...untold,
      check(statement) {
        if (lease.connection.isLost) throw connectionError('CONNECTION_CLOSED')
        check(session, statement, lease)
      },
      dispatch(query, statement) {
        const send = (): void => {
          if (lease.connection.isLost) query.reject(connectionError('CONNECTION_CLOSED'))
          else if (query.cancelled === null) {
            answer(query, statement.send(own), guard, { failed: (error) => settle(lease, error) })
          }
        }
        whenSettled(lease, send)
      },
    }
  }

  let isEnded = false
  function admit(): void {
    if (isEnded) throw connectionError('CONNECTION_ENDED')
  }

  return {
    pooled: pooled(),
    turns,
    held,
    admit,
    async end(timeout) {
      // What was asked for before comes in the next one, as under the driver.
      await tick
      isEnded = true
      const start = performance.now()
      // The driver knows of nobody who waits.
      void settings.changing(turns.emptied)
      // A connection that is reserved when the driver begins to end is never ended.
      await settings.together(timeout ?? undefined)
      if (timeout === null || timeout === undefined) return raw.end()
      turns.refuseAll(connectionError('CONNECTION_DESTROYED'))
      return raw.end({ timeout: Math.max(0, timeout - (performance.now() - start) / 1000) })
    },
    async reserve() {
      admit()
      const reserved = await reserve({ raw, turns }, () => undefined)
      const { own, connection } = reserved
      const session = guard.session()
      const lease: Lease = { isOver: false, connection }
      const release = (): void => {
        if (lease.isOver) return
        lease.isOver = true
        const give = (): void => {
          if (session.state === 'clean') void reserved.release()
          else void settings.changing(() => clean(reserved))
        }
        whenSettled(lease, give)
      }
      return { own, sending: held(own, session, lease), release }
    },
  }
}

/** What a server said leaves the connection as it is; its socket may have said anything else. */
function settle(lease: Lease, error: unknown): void {
  if (error instanceof Error && error.name === 'PostgresError') return
  const settling = afterThisTurn()
  lease.settling = settling
  void settling.then(() => {
    if (lease.settling === settling) lease.settling = undefined
  })
}

/** At once, where nothing is in doubt. */
function whenSettled({ settling }: Lease, then: () => void): void {
  if (settling === undefined) then()
  else void settling.then(then)
}

interface Answering {
  /** Throws where the answer is nobody's. */
  readonly accept?: () => void
  /** Told of an error before whoever asked is. */
  readonly failed?: (error: unknown) => void
}

/** The query has the answer of what was sent for it. */
function answer(
  query: DriverQuery,
  inner: ReturnType<CheckedStatement['send']>,
  guard: Guard,
  { accept, failed }: Answering,
): void {
  const fail = (failure: unknown): void => {
    failed?.(failure)
    reportFailure(guard, failure)
    query.reject(detachedError(failure, query))
  }
  inner.then((result) => {
    try {
      accept?.()
    } catch (error) {
      return fail(error)
    }
    return query.resolve(detachedAnswer(result))
  }, fail)
}

/** What the system may leave on a connection goes to one that nobody else has. */
async function sendApart(
  client: Client,
  settings: ClientSettings,
  { query, statement }: { readonly query: DriverQuery; readonly statement: CheckedStatement },
): Promise<void> {
  try {
    let heard: SessionSettings | undefined
    const reserved = await reserve(client, () => {
      heard = settings.speaking
    })
    if (query.cancelled !== null) return void (await reserved.release())
    await settings.apart(heard, async () => {
      try {
        const result: unknown = await statement.send(reserved.own)
        query.resolve(detachedAnswer(result))
        if (result instanceof Readable || result instanceof Writable) await finished(result)
      } catch (error) {
        query.reject(detachedError(error, query))
        await afterThisTurn()
      }
      return clean(reserved)
    })
  } catch (error) {
    query.reject(detachedError(error, query))
  }
}

/** A connection that cannot be cleaned is nobody's any more. */
async function clean({ own, connection, release, end }: Reserved): Promise<boolean> {
  try {
    await resetSession(async (text) => {
      if (connection.isLost) throw connectionError('CONNECTION_CLOSED')
      await own.unsafe(text)
    })
    await release()
    return true
  } catch {
    end()
    return false
  }
}
