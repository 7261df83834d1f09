/** Its role, settings, cursors, subscriptions, locks and temporary tables: drivers count on the rest. */
const everything = [
  'reset session authorization',
  'reset role',
  'reset all',
  'close all',
  'unlisten *',
  'select pg_catalog.pg_advisory_unlock_all()',
  'discard temp',
  'discard sequences',
  'discard plans',
].join('; ')

/**
 * Undoes what the system did to a session, on a connection that others will use. `ROLLBACK` warns
 * where no transaction is open; nobody needs to hear.
 */
const sessionReset = `set client_min_messages to error; rollback; ${everything}`

/** The same in a transaction that whoever began it will end, and keep. */
export const resetBeforeCommit: string = everything

/** The same in one that will be rolled back, and may have failed: what is ended then is empty. */
export const resetBeforeRollback: string = `rollback; ${everything}; begin`

/** Resets a session; in a transaction that failed, only after its end. */
export async function resetSession(send: (text: string) => PromiseLike<unknown>): Promise<void> {
  try {
    await send(sessionReset)
  } catch {
    await send('rollback')
    await send(sessionReset)
  }
}
