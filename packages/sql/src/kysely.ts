/**
 * The guard under Kysely: below plugins, raw fragments and transactions.
 * @packageDocumentation
 */
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type TransactionSettings,
} from 'kysely'
import { copyValues } from './doors/private-values.ts'
import { resetSession } from './doors/session-reset.ts'
import type { Guard, GuardSession } from './guard/guard.ts'

/**
 * The dialect with every statement guarded that goes through a connection of Kysely's.
 * Hooks of the dialect (`onCreateConnection`, `onReserveConnection`) get connections of the pool. Where
 * there are any, guard the pool instead: a dialect on a `guardPool` needs no other guard.
 */
export function guardDialect(dialect: Dialect, guard: Guard): Dialect {
  return {
    createDriver: () => guardDriver(dialect.createDriver(), guard),
    createAdapter: () => dialect.createAdapter(),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createIntrospector: (db) => dialect.createIntrospector(db),
  }
}

function guardDriver(driver: Driver, guard: Guard): Driver {
  // A connection is released to the pool and comes back: it keeps its session.
  const sessions = new WeakMap<DatabaseConnection, GuardSession>()
  // Not a property of the connection: that would be a way around the guard.
  const guarded = new WeakMap<DatabaseConnection, DatabaseConnection>()

  function wrap(inner: DatabaseConnection): DatabaseConnection {
    const session = sessions.get(inner) ?? guard.session()
    sessions.set(inner, session)
    const connection = guardConnection(inner, session)
    guarded.set(connection, inner)
    return connection
  }

  /** Only what this driver gave out has a connection inside. */
  function innerOf(connection: DatabaseConnection): DatabaseConnection {
    return guarded.get(connection) ?? connection
  }

  /**
   * For the driver alone: its own connection, on which it may keep what nobody else must reach, with
   * the statements guarded.
   */
  function forDriver(connection: DatabaseConnection): DatabaseConnection {
    return new Proxy(innerOf(connection), {
      get(inner, member) {
        if (member === 'executeQuery' || member === 'streamQuery') return connection[member]
        const value: unknown = Reflect.get(inner, member)
        return typeof value === 'function' ? value.bind(inner) : value
      },
    })
  }

  /** What the system changed is undone, or the connection is no tenant's any more. */
  async function clean(inner: DatabaseConnection): Promise<void> {
    if (sessions.get(inner)?.state !== 'changed') return
    try {
      await resetSession((text) => inner.executeQuery(CompiledQuery.raw(text)))
      sessions.delete(inner)
    } catch {
      // Its session goes on to refuse tenants.
    }
  }

  return {
    init: (...options) => driver.init(...options),
    acquireConnection: async (...options) => wrap(await driver.acquireConnection(...options)),
    beginTransaction: (connection, settings: TransactionSettings) =>
      driver.beginTransaction(forDriver(connection), settings),
    commitTransaction: (connection) => driver.commitTransaction(forDriver(connection)),
    rollbackTransaction: (connection) => driver.rollbackTransaction(forDriver(connection)),
    ...savepoints(driver, forDriver),
    releaseConnection: async (connection, ...options) => {
      const inner = innerOf(connection)
      await clean(inner)
      return driver.releaseConnection(inner, ...options)
    },
    destroy: (...options) => driver.destroy(...options),
  }
}

function savepoints(
  driver: Driver,
  forDriver: (connection: DatabaseConnection) => DatabaseConnection,
): Partial<Driver> {
  type Step = NonNullable<Driver['savepoint']>
  const guarded = (step: Step): Step => {
    return (connection, ...rest) => step.call(driver, forDriver(connection), ...rest)
  }
  const { savepoint, rollbackToSavepoint, releaseSavepoint } = driver
  return {
    ...(savepoint === undefined ? {} : { savepoint: guarded(savepoint) }),
    ...(rollbackToSavepoint === undefined
      ? {}
      : { rollbackToSavepoint: guarded(rollbackToSavepoint) }),
    ...(releaseSavepoint === undefined ? {} : { releaseSavepoint: guarded(releaseSavepoint) }),
  }
}

function guardConnection(inner: DatabaseConnection, session: GuardSession): DatabaseConnection {
  return {
    // Async, so that a refusal is a rejection like the driver's own errors.
    executeQuery: async (query, ...rest) => {
      const checked = check(query, session)
      return inner.executeQuery(checked, ...rest)
    },
    async *streamQuery(query, ...rest) {
      yield* inner.streamQuery(check(query, session), ...rest)
    },
  }
}

/** What was checked is what is sent: the text and copies of the parameters. */
function check(query: CompiledQuery, session: GuardSession): CompiledQuery {
  const text = query.sql
  const { values, opaque } = copyValues(query.parameters)
  session.check({ text, values, opaque })
  return Object.freeze({ ...query, sql: text, parameters: values })
}
