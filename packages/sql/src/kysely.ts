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
  const known = new WeakMap<DatabaseConnection, Guarded>()
  // Not a property of the connection: that would be a way around the guard.
  const inside = new WeakMap<DatabaseConnection, DatabaseConnection>()

  function wrap(inner: DatabaseConnection): DatabaseConnection {
    const found = known.get(inner)
    if (found !== undefined) return found.connection
    const session = guard.session()
    const connection = guardConnection(inner, session)
    known.set(inner, { connection, session })
    inside.set(connection, inner)
    return connection
  }

  /** Only what this driver gave out has a connection inside. */
  function innerOf(connection: DatabaseConnection): DatabaseConnection {
    return inside.get(connection) ?? connection
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
    try {
      await resetSession((text) => inner.executeQuery(CompiledQuery.raw(text)))
      known.delete(inner)
    } catch {
      // Its session goes on to refuse tenants.
    }
  }

  return {
    init: (...options) => driver.init(...options),
    acquireConnection: (...options) => driver.acquireConnection(...options).then(wrap),
    beginTransaction: (connection, settings: TransactionSettings) =>
      driver.beginTransaction(forDriver(connection), settings),
    commitTransaction: (connection) => driver.commitTransaction(forDriver(connection)),
    rollbackTransaction: (connection) => driver.rollbackTransaction(forDriver(connection)),
    ...savepoints(driver, forDriver),
    releaseConnection: (connection, ...options) => {
      const inner = innerOf(connection)
      const release = (): Promise<void> => driver.releaseConnection(inner, ...options)
      return known.get(inner)?.session.state === 'changed' ? clean(inner).then(release) : release()
    },
    destroy: (...options) => driver.destroy(...options),
  }
}

interface Guarded {
  readonly connection: DatabaseConnection
  readonly session: GuardSession
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
    executeQuery(query, ...rest) {
      try {
        return inner.executeQuery(check(query, session), ...rest)
      } catch (error) {
        // A rejection, like the driver's own errors.
        return Promise.reject(error)
      }
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
