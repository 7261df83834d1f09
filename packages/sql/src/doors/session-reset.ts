/**
 * Undoes what the system did to a session, on a connection that others will use: its transaction, its
 * role, settings, cursors, subscriptions, locks and temporary tables. Prepared statements stay, since
 * drivers count on theirs. `ROLLBACK` warns where no transaction is open; nobody needs to hear.
 */
const sessionReset: string = [
  'set client_min_messages to error',
  'rollback',
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

/** Resets a session; in a transaction that failed, only after its end. */
export async function resetSession(send: (text: string) => PromiseLike<unknown>): Promise<void> {
  try {
    await send(sessionReset)
  } catch {
    await send('rollback')
    await send(sessionReset)
  }
}
