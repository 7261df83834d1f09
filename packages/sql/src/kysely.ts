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
} from 'kysely'
import { type AnsweredSession, createAnsweredSession, type Sent } from './doors/answered-session.ts'
import { createLeases, leasing, onLeased } from './doors/kysely-leases.ts'
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

const guardedDialects = new WeakSet<object>()

const aDialect: Expected = {
  words: 'a dialect of Kysely that is not guarded yet',
  fits: (value) => hasMethods(value, dialectMethods) && !guardedDialects.has(value),
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
  const dialect = new PostgresDialect({
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
  const createDriver = dialect.createDriver.bind(dialect)
  guardedDialects.add(dialect)
  return Object.assign(dialect, { createDriver: () => leasing(createDriver()) })
}

/**
 * Any dialect, with every statement guarded that goes through a connection of Kysely's. Hooks of the
 * dialect (`onCreateConnection`, `onReserveConnection`) get connections below this guard: for `pg` take
 * {@link guardPostgresDialect}.
 * @throws {@link SqlGuardError} `sql.client` for what is no dialect, or guarded already
 */
export function guardDialect(dialect: Dialect, guard: Guard): Dialect {
  inClient.value('dialect', dialect, aDialect)
  inOptions.value('guard', guard, aGuard)
  const guarded: Dialect = {
    createDriver: () => guardDriver(dialect.createDriver(), guard),
    createAdapter: () => dialect.createAdapter(),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createIntrospector: (db) => dialect.createIntrospector(db),
  }
  guardedDialects.add(guarded)
  return guarded
}

function guardDriver(driver: Driver, guard: Guard): Driver {
  // A connection is released to the pool and comes back: it keeps its session.
  const sessions = new WeakMap<DatabaseConnection, AnsweredSession>()
  const leases = createLeases()

  function sessionOf(inner: DatabaseConnection): AnsweredSession {
    const session = sessions.get(inner) ?? createAnsweredSession(guard)
    sessions.set(inner, session)
    return session
  }

  /** What was left on it is undone, or nobody gets it. */
  function clean(inner: DatabaseConnection, session: AnsweredSession): Promise<void> {
    return session.clean((text) => inner.executeQuery(CompiledQuery.raw(text)))
  }

  /** @throws {@link SqlGuardError} `sql.client` where it cannot be cleaned now; the pool has it again */
  async function lend(inner: DatabaseConnection, release: Release): Promise<DatabaseConnection> {
    const session = sessionOf(inner)
    try {
      if (!session.isClean) await clean(inner, session)
    } catch (cause) {
      await release(inner)
      throw refusal(cause)
    }
    return leases.lend(inner, guardConnection(inner, session, guard))
  }

  return {
    ...onLeased(driver, leases),
    acquireConnection: async (...options) =>
      lend(await driver.acquireConnection(...options), (inner) =>
        driver.releaseConnection(inner, ...options),
      ),
    releaseConnection: (connection, ...options) => {
      const inner = leases.innerOf(connection)
      const release = (): Promise<void> => driver.releaseConnection(inner, ...options)
      const session = sessionOf(inner)
      if (session.isClean) return release()
      // Where it fails, it is tried again before anybody gets the connection.
      return clean(inner, session).then(release, release)
    },
  }
}

function refusal(cause: unknown): SqlGuardError {
  const message = 'the connection is lent to nobody: what was left on it could not be undone yet'
  return new SqlGuardError('sql.client', message, { cause })
}

type Release = (inner: DatabaseConnection) => Promise<void>

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
