/**
 * The guard under Kysely: below plugins, raw fragments and transactions.
 * @packageDocumentation
 */
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresDialect,
  type PostgresDialectConfig,
  type TransactionSettings,
} from 'kysely'
import { type AnsweredSession, createAnsweredSession, type Sent } from './doors/answered-session.ts'
import { guardedForeignPool } from './doors/pg-pool.ts'
import { copyValues } from './doors/private-values.ts'
import { aGuard } from './expected.ts'
import { reportFailure } from './guard/drift.ts'
import { inClient, inOptions } from './guard/given.ts'
import type { Guard } from './guard/guard.ts'
import { SqlGuardError } from './guard/sql-guard-error.ts'
import { type Expected, hasMethods, isObject } from './known-options.ts'
import { aPool } from './pg-parts.ts'

const dialectMethods: readonly (keyof Dialect)[] = [
  'createDriver',
  'createAdapter',
  'createQueryCompiler',
  'createIntrospector',
]

const aDialect: Expected = {
  words: 'a dialect of Kysely',
  fits: (value) => hasMethods(value, dialectMethods),
}

/**
 * Kysely's dialect for PostgreSQL on a pool of `pg` that is guarded itself: hooks
 * (`onCreateConnection`, `onReserveConnection`), plugins, raw fragments, streams and transactions are
 * all above the guard, and what the server reports of its sessions is heard. Give it what you would
 * give to `PostgresDialect`, and nothing else the pool: it must not be guarded yet.
 *
 * @throws {@link SqlGuardError} `sql.client` for what is no pool of `pg`; where `pool` is a function,
 * the first query fails with it
 */
export function guardPostgresDialect(config: PostgresDialectConfig, guard: Guard): PostgresDialect {
  inOptions.value('config', config, { words: 'what PostgresDialect takes', fits: isObject })
  const { pool } = config
  if (typeof pool !== 'function') inClient.value('pool', pool, aPool)
  inOptions.value('guard', guard, aGuard)
  const home = { guard, shared: { path: undefined } }
  return new PostgresDialect({
    ...config,
    pool:
      typeof pool === 'function'
        ? async (...call: Parameters<typeof pool>) => {
            const made = await pool(...call)
            inClient.value('what pool() gives', made, aPool)
            return guardedForeignPool(made, home)
          }
        : guardedForeignPool(pool, home),
  })
}

/**
 * Any dialect, with every statement guarded that goes through a connection of Kysely's. Hooks of the
 * dialect (`onCreateConnection`, `onReserveConnection`) get connections below this guard: for `pg` take
 * {@link guardPostgresDialect}.
 * @throws {@link SqlGuardError} `sql.client` for what is no dialect
 */
export function guardDialect(dialect: Dialect, guard: Guard): Dialect {
  inClient.value('dialect', dialect, aDialect)
  inOptions.value('guard', guard, aGuard)
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
    const session = createAnsweredSession(guard)
    const connection = guardConnection(inner, session, guard)
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

  /** What was left on it is undone, or nobody gets it. */
  function clean(inner: DatabaseConnection, session: AnsweredSession): Promise<void> {
    return session.clean((text) => inner.executeQuery(CompiledQuery.raw(text)))
  }

  /** @throws {@link SqlGuardError} `sql.client` where it cannot be cleaned now; the pool has it again */
  async function lend(inner: DatabaseConnection, release: Release): Promise<DatabaseConnection> {
    const connection = wrap(inner)
    const session = known.get(inner)?.session
    if (session === undefined || session.isClean) return connection
    try {
      await clean(inner, session)
      return connection
    } catch (cause) {
      await release(inner)
      throw refusal(cause)
    }
  }

  return {
    init: (...options) => driver.init(...options),
    acquireConnection: async (...options) =>
      lend(await driver.acquireConnection(...options), (inner) =>
        driver.releaseConnection(inner, ...options),
      ),
    beginTransaction: (connection, settings: TransactionSettings) =>
      driver.beginTransaction(forDriver(connection), settings),
    commitTransaction: (connection) => driver.commitTransaction(forDriver(connection)),
    rollbackTransaction: (connection) => driver.rollbackTransaction(forDriver(connection)),
    ...savepoints(driver, forDriver),
    releaseConnection: (connection, ...options) => {
      const inner = innerOf(connection)
      const release = (): Promise<void> => driver.releaseConnection(inner, ...options)
      const session = known.get(inner)?.session
      if (session === undefined || session.isClean) return release()
      // Where it fails, it is tried again before anybody gets the connection.
      return clean(inner, session).then(release, release)
    },
    destroy: (...options) => driver.destroy(...options),
  }
}

function refusal(cause: unknown): SqlGuardError {
  const message = 'the connection is lent to nobody: what was left on it could not be undone yet'
  return new SqlGuardError('sql.client', message, { cause })
}

type Release = (inner: DatabaseConnection) => Promise<void>

interface Guarded {
  readonly connection: DatabaseConnection
  readonly session: AnsweredSession
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

function guardConnection(
  inner: DatabaseConnection,
  session: AnsweredSession,
  guard: Guard,
): DatabaseConnection {
  return {
    async executeQuery(query, ...rest) {
      const { checked, answered, failed } = check(query, session)
      try {
        const result = await inner.executeQuery<never>(checked, ...rest)
        answered()
        return result
      } catch (error) {
        failed()
        reportFailure(guard, error)
        throw error
      }
    },
    async *streamQuery(query, ...rest) {
      const { checked, answered, failed } = check(query, session)
      try {
        yield* inner.streamQuery(checked, ...rest)
        answered()
      } catch (error) {
        failed()
        reportFailure(guard, error)
        throw error
      }
    },
  }
}

interface Checked extends Sent {
  readonly checked: CompiledQuery
}

/** What was checked is what is sent: the text and copies of the parameters. */
function check(query: CompiledQuery, session: AnsweredSession): Checked {
  // A text by itself: an object could be another one when it is sent.
  const text = String(query.sql)
  const { values, opaque } = copyValues(query.parameters)
  const sent = session.check({ text, values, opaque })
  return { ...sent, checked: Object.freeze({ ...query, sql: text, parameters: values }) }
}
