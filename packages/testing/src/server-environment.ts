/** Where servers may already run: the variables that are read, and no other. */
export interface ServerEnvironment {
  /** A PostgreSQL server to use; a database of its own is created there and dropped again. */
  readonly DATABASE_URL?: string | undefined
  /** A Redis server to use; keys get a prefix of their own and are removed again. */
  readonly REDIS_URL?: string | undefined
  /** Where `redis-server` is looked for. */
  readonly PATH?: string | undefined
}

/** The environment of this process, unless the caller brought one. */
export function serverEnvironment(given: ServerEnvironment | undefined): ServerEnvironment {
  // biome-ignore lint/style/noProcessEnv: the one place where this package reads it
  return given ?? process.env
}
