import type { Sql, TransactionSql } from 'postgres'
import { unlessOfAnother } from './postgres-answers.ts'
import type { Turns } from './postgres-turns.ts'
/** A connection that somebody has for more than one statement. */
export interface HeldConnection {
  /** The driver lends it to others then, and still sends what is asked of it by whoever had it. */
  readonly isLost: boolean
}

/** Resolves when everybody has heard what happened in this turn of the process. */
export function afterThisTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}

export interface Reserved {
  readonly own: TransactionSql
  readonly connection: HeldConnection
  /** Gives it back, where it was not lost. */
  readonly release: () => Promise<void>
  /** Ends it: the driver opens another one in its place. */
  readonly end: () => void
}

/** What the driver tells its own transactions when it sends for them. */
interface DriverConnection {
  /** Another one for each that has the connection, and none once it was lost. */
  readonly reserved: DriverReservation | null
  terminate(): void
}

/** Without `release`, the driver takes a connection back once the server says that nothing is open. */
interface DriverReservation {
  release?: boolean
}

/** None of its types: the driver calls it with the connection that sends the statement. */
const heard = (onexecute: (connection: DriverConnection) => boolean): object => ({ onexecute })

/** By which a connection is reserved, in turn with others. */
export interface Client {
  readonly raw: Sql
  readonly turns: Turns
}

/**
 * Reserves a connection, by way of a transaction: the driver's own `reserve` forgets who waits where a
 * connection fails, or is opened and asked for no types. `onRow` is called in the context of its socket.
 */
export function reserve({ raw, turns }: Client, onRow: () => void): Promise<Reserved> {
  let isLeft = false
  const leave = (): void => {
    if (!isLeft) turns.leave()
    isLeft = true
  }
  return new Promise((resolve, reject) => {
    turns.connection(() => {
      const begun = raw.begin(async (own) => {
        try {
          resolve(await keep(own, onRow, leave))
        } catch (error) {
          reject(error)
        }
        // The driver would end a transaction that is none any more.
        return new Promise<never>(() => undefined)
      })
      // Also whenever the connection is lost.
      begun.catch((error: unknown) => {
        leave()
        reject(unlessOfAnother(error, 'begin '))
      })
    })
  })
}

/** Ends the transaction, and has the driver leave the connection to whoever has it. */
async function keep(own: TransactionSql, onRow: () => void, left: () => void): Promise<Reserved> {
  let given: DriverConnection | undefined
  let lent: DriverReservation | null = null
  const note = heard((connection) => {
    given = connection
    lent = connection.reserved
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
    delete lent.release
    // The driver takes it back with the first answer after which nothing is open.
    await own.unsafe('select 1').catch(() => undefined)
    if (given?.reserved === lent) await own.unsafe('rollback').catch(() => undefined)
    left()
  }
  const end = (): void => {
    if (connection.isLost) return
    isGiven = false
    given?.terminate()
  }
  try {
    await own.unsafe('rollback; select 1', [], note).forEach(onRow)
  } catch (error) {
    end()
    throw error
  }
  return { own, connection, release, end }
}
