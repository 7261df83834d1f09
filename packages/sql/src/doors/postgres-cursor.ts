/** A statement of the driver that gives its rows in batches. */
export interface CursorStatement {
  isRaw?: unknown
  forEachFn?: unknown
  reject(error: unknown): void
  resolve(value: unknown): void
  cursor(rows: number, next: (rows: unknown) => unknown): unknown
}

/** What the caller asked of a cursor. */
interface Reading {
  readonly rows: number
  readonly next: (rows: unknown) => unknown
  /** Gets each row in place of the batch. */
  readonly each: ((row: unknown, result: unknown) => void) | undefined
  /** By which the driver is told to read no further. */
  readonly close: unknown
}

/** One of its own each time: what waits for one that all have is kept. */
const forever = (): Promise<never> => new Promise(() => undefined)

/**
 * Reads by a cursor so that nothing throws into the driver, and nothing is sent for what is over. Of
 * each row that throws the driver says to the server that it is at an end, and then reads on: the server
 * is ready more often than statements were sent, and everybody gets the answer to another one. So rows
 * are put into their batch here, and while one is read the driver sees no cursor.
 */
export function readByCursor(statement: CursorStatement, reading: Reading): void {
  const { rows, next, each, close } = reading
  const { isRaw, reject, resolve } = statement
  let state: 'open' | 'closing' | 'over' = 'open'
  let isInRow = false
  let seen = 0
  const fail = (error: unknown): void => {
    state = 'closing'
    reject(error)
  }
  const take = async (batch: unknown): Promise<unknown> => {
    seen = 0
    if (state !== 'open') return state === 'closing' ? close : forever()
    try {
      const told = await next(batch)
      // The connection may be somebody else's by now.
      if (!isOver()) return told
    } catch (error) {
      if (!isOver()) fail(error)
      // Nobody is left to be told, but by the process.
      else if (isLast(batch)) throw error
    }
    return isOver() ? forever() : close
  }
  // Changed by callbacks while somebody waits.
  const isOver = (): boolean => state === 'over'

  statement.cursor(rows, take)
  statement.resolve = (value) => {
    state = 'over'
    resolve(value)
  }
  statement.reject = (error) => {
    if (state === 'open') state = 'over'
    reject(error)
  }
  statement.forEachFn = (row: unknown, result: unknown[]) => {
    if (each === undefined) result.push(row)
    else each(row, result)
    isInRow = false
    seen += 1
  }
  Object.defineProperties(statement, {
    isRaw: {
      // Asked for as a row begins, and then for each of its columns.
      get() {
        isInRow = true
        return isRaw
      },
    },
    cursorFn: {
      get() {
        if (isInRow) {
          isInRow = false
          seen += 1
          if (state === 'open') state = 'closing'
          return undefined
        }
        // If something else threw, the server was told already. Only after a full batch the driver calls
        // what it finds; else it tells the server once more.
        const isFull = rows > 0 && seen === rows
        return state === 'over' && !isFull ? undefined : take
      },
    },
  })
}

/** The batch after which the server has no more. */
function isLast(batch: unknown): boolean {
  return (batch as { readonly command: unknown }).command !== null
}
