/**
 * Try to break it: real servers for tests, two tenants, and a harness for non-interference.
 * @packageDocumentation
 */
export type { Difference } from './difference.ts'
export {
  assertNoInterference,
  findInterference,
  type Interference,
  type NonInterferenceOptions,
} from './non-interference.ts'
export {
  type PostgresDatabase,
  type PostgresServer,
  type StartPostgresOptions,
  startPostgres,
} from './postgres.ts'
export type { PostgresConnection } from './postgres-connection.ts'
export { type RedisServer, type StartRedisOptions, startRedis } from './redis.ts'
export type { ServerEnvironment } from './server-environment.ts'
export { acme, globex } from './tenants.ts'
export { TestingError, type TestingErrorCode } from './testing-error.ts'
export { type RowsByTable, type RowsOf, type RowValues, type World, worlds } from './world.ts'
