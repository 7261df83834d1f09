import { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Sql } from 'postgres'
import { reportFailure } from '../guard/drift.ts'
import type { Guard, GuardSession, SentStatement } from '../guard/guard.ts'
import { findsAlike } from '../guard/session-path.ts'
import {
  connectionError,
  detachedAnswer,
  detachedError,
  unlessOfAnother,
} from './postgres-answers.ts'
import type { DriverQuery } from './postgres-driver.ts'
import { type Client, type HeldConnection, type Reserved, reserve } from './postgres-held.ts'
import type { CheckedStatement, Sending } from './postgres-sender.ts'
import type { ClientSettings } from './postgres-settings.ts'
import { createTurns, type Turns } from './postgres-turns.ts'
import { resetSession } from './session-reset.ts'
import type { SessionSettings } from './session-settings.ts'

/** Until when statements may be sent by a connection that others use after. */
export interface Lease {
  isOver: boolean
  readonly connection: HeldConnection
  /** Statements that were sent, and not answered without an error: an end among them may be none. */
  unsure?: number
}

/** How statements go to the connections of one client. */
export interface GuardedConnections {
  /** Each statement by whatever connection is free. */
  readonly pooled: Sending
  readonly turns: Turns
  /** Throws when the client was ended. */
  admit(): void
  /** Ends the client when what the system does apart is done, or in so many seconds. */
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

const untold: Pick<Sending, 'taken' | 'refused'> = {
  taken: () => undefined,
  refused: () => undefined,
}

export function guardConnections(
  raw: Sql,
  guard: Guard,
  settings: ClientSettings,
): GuardedConnections {
  const { debug, max } = raw.options
  const turns = createTurns(max)

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
        turns.statement(() => {
          if (query.cancelled !== null) turns.leave()
          else answer(query, statement.send(raw), guard, { accept: () => answered(checked), turns })
        })
      },
    }
  }

  function held(own: Pick<Sql, 'unsafe'>, session: GuardSession, lease: Lease): Sending {
    return {
      debug,
      isHeld: true,
      ...untold,
      check(statement) {
        if (lease.connection.isLost) throw connectionError('CONNECTION_CLOSED')
        check(session, statement, lease)
      },
      dispatch(query, statement) {
        lease.unsure = (lease.unsure ?? 0) + 1
        const inner = statement.send(own)
        inner.then(
          () => {
            lease.unsure = (lease.unsure ?? 0) - 1
          },
          () => undefined,
        )
        answer(query, inner, guard)
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
      isEnded = true
      const start = performance.now()
      // A connection that is reserved when the driver begins to end is never ended.
      await settings.together(timeout ?? undefined)
      if (timeout === null || timeout === undefined) return raw.end()
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
        if (session.state === 'clean' && !lease.unsure) void reserved.release()
        else void settings.changing(() => clean(reserved))
      }
      return { own, sending: held(own, session, lease), release }
    },
  }
}

interface Answering {
  /** Throws where the answer is nobody's. */
  readonly accept?: () => void
  readonly turns?: Turns
}

/** The query has the answer of what was sent for it. */
function answer(
  query: DriverQuery,
  inner: ReturnType<CheckedStatement['send']>,
  guard: Guard,
  { accept, turns }: Answering = {},
): void {
  const fail = (failure: unknown): void => {
    const error = inner.state === null ? unlessOfAnother(failure) : failure
    reportFailure(guard, error)
    query.reject(detachedError(error, query))
  }
  inner.then(
    (result) => {
      turns?.leave()
      try {
        accept?.()
      } catch (error) {
        return fail(error)
      }
      return query.resolve(detachedAnswer(result))
    },
    (error: unknown) => {
      turns?.leave()
      fail(error)
    },
  )
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
    await settings.apart(heard, async () => {
      try {
        const result: unknown = await statement.send(reserved.own)
        query.resolve(detachedAnswer(result))
        if (result instanceof Readable || result instanceof Writable) await finished(result)
      } catch (error) {
        query.reject(detachedError(error, query))
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
