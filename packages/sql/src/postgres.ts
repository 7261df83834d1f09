/**
 * The guard under postgres.js: clients whose every statement is looked at.
 *
 * A query of a guarded client never reaches the driver. When it is first awaited, its text and its
 * values are printed by the driver's own code, copied, and checked. Then a second query is made of
 * what was checked, the whole text and sealed values, and sent by `unsafe`. So what is sent was
 * checked, however the driver prints: nothing else is left to send. (The driver's `debug` hook sees
 * texts too late, in the scope of whoever opened the connection, and may not throw while statements
 * are pipelined; a socket of our own would have to speak the whole protocol.)
 * @packageDocumentation
 */
import { AsyncResource } from 'node:async_hooks'
import type { Sql } from 'postgres'
import { guardConnections } from './doors/postgres-connection.ts'
import { postgresDriver } from './doors/postgres-driver.ts'
import { hideSealedValues, showOptions } from './doors/postgres-options.ts'
import { watchParameters } from './doors/postgres-settings.ts'
import { createStatements } from './doors/postgres-statements.ts'
import { guardTransactions } from './doors/postgres-transaction.ts'
import { serializersForSealed } from './doors/sealed-values.ts'
import { checkStartupOptions } from './doors/session-settings.ts'
import { aGuard } from './expected.ts'
import { inClient, inOptions } from './guard/given.ts'
import type { Guard } from './guard/guard.ts'
import type { Expected } from './known-options.ts'

const guardedClients = new WeakSet<object>()

const aClient: Expected = {
  words: 'what postgres() of postgres.js gives, not guarded yet',
  fits: (value) =>
    typeof value === 'function' &&
    typeof Reflect.get(value, 'unsafe') === 'function' &&
    !guardedClients.has(value),
}

/**
 * The client with every statement guarded. The tenant is that of the scope in which a query is first
 * awaited (or executed, or given a handler), not of the one in which it was written. A transaction
 * and a reserved connection belong to one tenant. What it gives out does not lead to the client
 * inside; keep no reference to that. Code that opens connections by itself is not stopped.
 *
 * @throws {@link SqlGuardError} `sql.client` for what is no client of postgres.js, is guarded already,
 * or starts its sessions with `transform_null_equals`
 */
export function guardPostgres<Types extends Record<string, unknown>>(
  sql: Sql<Types>,
  guard: Guard,
): Sql<Types> {
  inClient.value('sql', sql, aClient)
  inOptions.value('guard', guard, aGuard)
  // Types of values make no difference here.
  const raw = sql as unknown as Sql
  const driver = postgresDriver(raw)
  const { options } = raw
  checkStartupOptions(options.connection)
  options.serializers = serializersForSealed(options.serializers)
  hideSealedValues(options)
  const settings = watchParameters(options)
  const connections = guardConnections(raw, guard, settings)
  const statements = createStatements(raw, driver, connections.pooled)

  /** For what the driver does by connections of its own. */
  const check = (text: string): void => connections.pooled.check({ text, values: [] })
  const guarded = Object.assign(statements, {
    CLOSE: raw.CLOSE,
    END: raw.END,
    PostgresError: raw.PostgresError,
    options: showOptions(options),
    begin: guardTransactions(raw, guard, { driver, connections }),
    reserve: async () => {
      const { own, sending, release } = await connections.reserve()
      return Object.assign(createStatements(own, driver, sending), { release })
    },
    listen: async (channel: string, ...listeners: ((value: string) => void)[]) => {
      const name = String(channel)
      check(`listen "${name.replaceAll('"', '""')}"`)
      // Notices come in the scope of whoever opened the connection.
      const [onNotice, onListen] = listeners.map((each) => AsyncResource.bind(each))
      return raw.listen(name, onNotice ?? (() => undefined), onListen as (() => void) | undefined)
    },
    subscribe: async (...call: Parameters<Sql['subscribe']>) => {
      // No tenant's: a replication stream brings the rows of all.
      check('START_REPLICATION')
      const { unsubscribe } = await raw.subscribe(...call)
      return { unsubscribe }
    },
    largeObject: async (...call: Parameters<Sql['largeObject']>) => {
      check('select lo_open($1, $2)')
      return connections.turns.inTurn(() => raw.largeObject(...call))
    },
    // Not in the driver's types.
    close: () => (raw as unknown as { close(): Promise<void> }).close(),
    end: async (...[options]: Parameters<Sql['end']>) => connections.end(options?.timeout),
  })
  Object.defineProperty(guarded, 'parameters', { get: () => ({ ...settings.parameters }) })
  guardedClients.add(guarded)
  return Object.freeze(guarded) as unknown as Sql<Types>
}
