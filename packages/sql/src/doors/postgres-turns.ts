import { AsyncResource } from 'node:async_hooks'

/** Whose turn it is to be given to the driver: in the order in which they came. */
export interface Turns {
  /** A statement by whatever connection there is. */
  statement(go: () => void): void
  /** Whoever keeps a connection for himself goes when one is free. */
  connection(go: () => void): void
  /** Called once by whoever went, when it is answered or the connection is given back. */
  readonly leave: () => void
}

interface Waiting {
  readonly keeps: boolean
  readonly go: () => void
}

/**
 * The driver notes for whom it keeps a connection only where it has room for more on the line: behind
 * many statements, or long ones, a transaction begins on a connection that others go on with. So
 * nobody begins one behind statements of others.
 */
export function createTurns(max: number): Turns {
  const waiting: Waiting[] = []
  let gone = 0

  function mayGo({ keeps }: Pick<Waiting, 'keeps'>): boolean {
    return !keeps || gone < max
  }

  function take(one: Waiting): void {
    if (waiting.length > 0 || !mayGo(one)) {
      // Somebody else's answer lets him go, and the work is in his own scope.
      waiting.push({ ...one, go: AsyncResource.bind(one.go) })
      return
    }
    gone += 1
    one.go()
  }

  return {
    statement: (go) => take({ keeps: false, go }),
    connection: (go) => take({ keeps: true, go }),
    leave() {
      gone -= 1
      for (let first = waiting[0]; first !== undefined && mayGo(first); first = waiting[0]) {
        waiting.shift()
        gone += 1
        first.go()
      }
    },
  }
}
