import { AsyncResource } from 'node:async_hooks'
import type { Sql } from 'postgres'
import type { CancelRequests } from './postgres-cancel-requests.ts'
import { followLines } from './postgres-lines.ts'

/** Somebody who needs a connection: one of both is called, once. */
export interface Turn {
  /** Gives the driver one statement, at once. */
  go(): void
  /** No connection comes about for him. */
  refuse(error: unknown): void
  /** Whether he still needs one. */
  readonly isWanted?: () => boolean
}

/** Whose turn it is to be given to the driver: in the order in which they came. */
export interface Turns {
  /** A connection is nobody's while one for it is on its way. */
  readonly requests: CancelRequests
  take(turn: Turn): void
  /** The same for work that begins with a statement. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result>
  /** Resolves when nobody waits. */
  emptied(): Promise<void>
  refuseAll(error: Error): void
}

/** A list, of which any length is taken one by one. */
interface Waiting {
  readonly turn: Turn
  /** Somebody else's answer lets him go, and the work is in his own. (`bind` takes 20 µs of Node 20.) */
  readonly scope: AsyncResource
  next?: Waiting
}

/**
 * Behind what one has on a connection, the driver sends what others ask for, and answers in the order
 * in which it sent: where that is disturbed, one has the answer to another. It also forgets for whom
 * it keeps a connection where the line behind is full. So it is given a statement only where a
 * connection is free, and never has anybody wait.
 */
export function createTurns(raw: Sql): Turns {
  const lines = followLines(raw, next)
  let first: Waiting | undefined
  let last: Waiting | undefined
  let length = 0
  // The driver takes a connection for what it is given in the tick after.
  let given = 0
  let tellEmpty: (() => void)[] = []

  function give({ go }: Turn, scope?: AsyncResource): void {
    given += 1
    if (scope === undefined) go()
    else scope.runInAsyncScope(go)
    void tick.then(taken)
  }

  function taken(): void {
    given -= 1
    // It took none for what it refused.
    if (first !== undefined) next()
  }

  function shift(): Turn | undefined {
    if (first === undefined) return undefined
    const { turn, next } = first
    first = next
    length -= 1
    if (first === undefined) last = undefined
    return turn
  }

  function next(): void {
    while (first !== undefined) {
      const { turn, scope } = first
      if (turn.isWanted?.() === false) shift()
      else if (lines.free <= given) break
      else {
        shift()
        give(turn, scope)
      }
    }
    while (lines.opening < length && lines.hasRoom) lines.open(refuseFirst)
    if (length === 0) tell()
  }

  function refuseFirst(error: unknown): void {
    let turn = shift()
    while (turn?.isWanted?.() === false) turn = shift()
    turn?.refuse(error)
    if (length === 0) tell()
  }

  function tell(): void {
    const all = tellEmpty
    tellEmpty = []
    for (const each of all) each()
  }

  function take(turn: Turn): void {
    if (first === undefined && lines.free > given) {
      give(turn)
      return
    }
    const one: Waiting = { turn, scope: new AsyncResource('partywall turn') }
    if (last === undefined) first = one
    else last.next = one
    last = one
    length += 1
    next()
  }

  return {
    requests: lines.requests,
    take,
    inTurn: (work) =>
      new Promise((resolve, reject) => {
        take({ go: () => void work().then(resolve, reject), refuse: reject })
      }),
    emptied: () =>
      new Promise((resolve) => {
        tellEmpty.push(resolve)
        next()
      }),
    refuseAll(error) {
      while (first !== undefined) refuseFirst(error)
    },
  }
}

const tick = Promise.resolve()
