/** What the driver notes on a statement that it was given. */
export interface Cancellable {
  /** Set when its turn has come. */
  active: boolean
  /** By which connection it is sent; nothing while it waits for one. */
  readonly state: unknown
  cancel(): unknown
}

/**
 * Cancels a statement that was given to the driver. What it finds cancelled when its turn comes it
 * skips, and not the answer to it: whoever comes after gets the answer to the one before, be it
 * another tenant's. So it is told when the turn has come.
 *
 * @param isHeld - waits in the queue of one connection, from which the driver takes nothing away
 */
export async function cancelGiven(query: Cancellable, isHeld: boolean): Promise<void> {
  // The driver takes up what it was given in the tick after.
  await Promise.resolve()
  const isWaiting = query.state === null && !isHeld
  if (query.active || isWaiting) query.cancel()
  else cancelInTurn(query)
}

function cancelInTurn(query: Cancellable): void {
  let active = false
  Object.defineProperty(query, 'active', {
    get: () => active,
    set(value: boolean) {
      active = value
      // Not on the line on which the turn comes: the driver opens another one by its settings.
      if (active) setImmediate(() => query.cancel())
    },
  })
}
