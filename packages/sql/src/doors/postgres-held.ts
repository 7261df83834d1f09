import type { Sql, TransactionSql } from 'postgres'
import type { DriverQuery } from './postgres-driver.ts'
import {
  type DriverConnection,
  type DriverReservation,
  heard,
  type Taken,
} from './postgres-lines.ts'
import type { Turns } from './postgres-turns.ts'

/** A connection that somebody has for more than one statement. */
export interface HeldConnection {
  /** The driver lends it to others then, and still sends what is asked of it by whoever had it. */
  readonly isLost: boolean
}

/**
 * Resolves when everybody has heard what happened in this turn of the process. Not before the sockets
 * of this turn have closed: what the driver writes right before that it never sends, nor anything by
 * the connection that it opens next.
 */
export function afterThisTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(() => setTimeout(resolve)))
}

export interface Reserved {
  readonly own: TransactionSql
  readonly connection: HeldConnection
  /** Gives it back, where it was not lost. */
  readonly release: () => Promise<void>
  /** Ends it: the driver opens another one in its place. */
  readonly end: () => void
}

/** The connection of a transaction. */
interface LentConnection {
  /** Where the driver left it to the transaction that it could not end. */
  giveBack(own: TransactionSql, isChanged: boolean): Promise<void>
}

/**
 * Neither the driver's `commit` nor its `rollback` need come about: what else is to be cancelled may be
 * those. The driver says so, and keeps the connection for nobody, in a transaction that failed.
 */
export function noteLent({ connection }: Taken): LentConnection {
  const lent = connection?.reserved ?? null
  return {
    async giveBack(own, isChanged) {
      await afterThisTurn()
      if (lent === null || connection?.reserved !== lent) return
      if (isChanged) return connection.terminate()
      await own.unsafe('rollback').catch(() => {
        if (connection.reserved === lent) connection.terminate()
      })
    },
  }
}

/** By which a connection is reserved, in turn with others. */
export interface Client {
  readonly raw: Sql
  readonly turns: Turns
}

/**
 * Reserves a connection, by way of a transaction: the driver's own `reserve` forgets who waits where a
 * connection fails, or is opened and asked for no types. `onAnswer` is called in the context of its socket.
 */
export function reserve({ raw, turns }: Client, onAnswer: () => void): Promise<Reserved> {
  const begin = (): Promise<Reserved> =>
    new Promise((resolve, reject) => {
      const begun = raw.begin(async (own) => {
        try {
          resolve(await keep(own, onAnswer))
        } catch (error) {
          reject(error)
        }
        // The driver would end a transaction that is none any more.
        return new Promise<never>(() => undefined)
      })
      // Also whenever the connection is lost.
      begun.catch(reject)
    })
  return turns.inTurn(begin)
}

/** Ends the transaction, and has the driver leave the connection to whoever has it. */
async function keep(own: TransactionSql, onAnswer: () => void): Promise<Reserved> {
  let given: DriverConnection | undefined
  let lent: DriverReservation | null = null
  const note = heard((connection) => {
    given = connection
    lent = connection.reserved ?? null
    if (lent !== null) lent.release = true
    return true
  })
  let isGiven = true
  const connection: HeldConnection = {
    get isLost() {
      return isGiven && (lent === null || given?.reserved !== lent)
    },
  }
  const release = async (): Promise<void> => {
    if (connection.isLost || lent === null) return
    isGiven = false
    const reservation = lent
    // The driver takes it back with the first answer after which nothing is open: it must be ours, for
    // what waits behind one of whoever had it would wait for ever.
    const last = heard(() => delete reservation.release)
    await own.unsafe('', [], last).catch(afterThisTurn)
    if (given?.reserved !== lent) return
    delete lent.release
    await own.unsafe('rollback').catch(() => undefined)
  }
  const end = (): void => {
    if (connection.isLost) return
    isGiven = false
    given?.terminate()
  }
  try {
    const ended = own.unsafe('rollback', [], note) as unknown as DriverQuery
    const { resolve } = ended
    // No row tells it: the user's parsers and transforms would see one.
    ended.resolve = (result) => {
      onAnswer()
      resolve(result)
    }
    await ended
  } catch (error) {
    end()
    throw error
  }
  return { own, connection, release, end }
}
