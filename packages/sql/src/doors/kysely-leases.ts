import type { DatabaseConnection, Driver } from 'kysely'

/**
 * Connections as they are lent: each time another object, so that what somebody puts in the place of
 * its functions sees the statements and rows of nobody after him.
 */
export interface Leases {
  lend(inner: DatabaseConnection, connection: DatabaseConnection): DatabaseConnection
  /** Only what was lent has a connection inside. */
  innerOf(connection: DatabaseConnection): DatabaseConnection
  /**
   * For the driver alone: its own connection, on which it may keep what nobody else must reach, with
   * the functions of the one that was lent.
   */
  forDriver(connection: DatabaseConnection): DatabaseConnection
}

export function createLeases(): Leases {
  // Not a property of the connection: that would be a way around the guard.
  const inside = new WeakMap<DatabaseConnection, DatabaseConnection>()
  const innerOf = (connection: DatabaseConnection): DatabaseConnection =>
    inside.get(connection) ?? connection
  return {
    innerOf,
    lend(inner, connection) {
      inside.set(connection, inner)
      return connection
    },
    forDriver(connection) {
      return new Proxy(innerOf(connection), {
        get(inner, member) {
          if (member === 'executeQuery' || member === 'streamQuery') return connection[member]
          const value: unknown = Reflect.get(inner, member)
          return typeof value === 'function' ? value.bind(inner) : value
        },
      })
    },
  }
}

/** What a driver does on connections that were lent, beside lending them. */
export function onLeased(
  driver: Driver,
  { forDriver }: Leases,
): Omit<Driver, 'acquireConnection' | 'releaseConnection'> {
  type Step = NonNullable<Driver['savepoint']>
  const leased = (step: Step): Step => {
    return (connection, ...rest) => step.call(driver, forDriver(connection), ...rest)
  }
  const { savepoint, rollbackToSavepoint, releaseSavepoint } = driver
  return {
    init: (...options) => driver.init(...options),
    beginTransaction: (connection, settings) =>
      driver.beginTransaction(forDriver(connection), settings),
    commitTransaction: (connection) => driver.commitTransaction(forDriver(connection)),
    rollbackTransaction: (connection) => driver.rollbackTransaction(forDriver(connection)),
    ...(savepoint === undefined ? {} : { savepoint: leased(savepoint) }),
    ...(rollbackToSavepoint === undefined
      ? {}
      : { rollbackToSavepoint: leased(rollbackToSavepoint) }),
    ...(releaseSavepoint === undefined ? {} : { releaseSavepoint: leased(releaseSavepoint) }),
    destroy: (...options) => driver.destroy(...options),
  }
}

/** The same driver, each of its connections lent anew. */
export function leasing(driver: Driver): Driver {
  const leases = createLeases()
  return {
    ...onLeased(driver, leases),
    async acquireConnection(...options) {
      const inner = await driver.acquireConnection(...options)
      return leases.lend(inner, {
        executeQuery: (...call) => inner.executeQuery(...call),
        streamQuery: (...call) => inner.streamQuery(...call),
      })
    },
    releaseConnection: (connection, ...options) =>
      driver.releaseConnection(leases.innerOf(connection), ...options),
  }
}
