import type { ReservedSql, Sql } from 'postgres'

/** A connection that somebody has for more than one statement. */
export interface HeldConnection {
  /** The driver lends it to others then, and still sends what is asked of it by whoever had it. */
  readonly isLost: boolean
}

/** Resolves when everybody has heard what happened in this turn of the process. */
export function afterThisTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}

/** Like the driver's own error of a connection that nobody can send by any more. */
export function connectionError(code: 'CONNECTION_CLOSED' | 'CONNECTION_ENDED'): Error {
  return Object.assign(new Error(`write ${code}`), { code, errno: code })
}

export interface Reserved {
  readonly own: ReservedSql
  readonly connection: HeldConnection
  /** Gives it back, where it was not lost. */
  readonly release: () => void
}

/** What the driver tells its own transactions when it sends for them. */
interface DriverConnection {
  /** Another one for each that has the connection, and none once it was lost. */
  readonly reserved: unknown
}

/**
 * Reserves a connection. The driver tells nobody which one it gives, nor when it is lost: it is asked
 * by a statement, for which `onRow` is called in the context of its socket.
 */
export async function reserve(raw: Sql, onRow: () => void): Promise<Reserved> {
  const own = await raw.reserve()
  let given: DriverConnection | undefined
  let lent: unknown
  const options = {
    onexecute(connection: DriverConnection) {
      given = connection
      lent = connection.reserved
      return true
    },
  }
  let isGiven = true
  const connection: HeldConnection = {
    get isLost() {
      return isGiven && (!lent || given?.reserved !== lent)
    },
  }
  const release = (): void => {
    if (connection.isLost) return
    isGiven = false
    own.release()
  }
  try {
    await own.unsafe('select 1', [], options as object).forEach(onRow)
  } catch (error) {
    release()
    throw error
  }
  return { own, connection, release }
}
