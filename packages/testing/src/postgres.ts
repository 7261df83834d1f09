import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { type DatabaseJanitor, startDatabaseJanitor } from './database-janitor.ts'
import { startEmbeddedPostgres } from './embedded-postgres.ts'
import { type PostgresConnection, urlOf, withDatabase } from './postgres-connection.ts'
import { type ServerEnvironment, serverEnvironment } from './server-environment.ts'
import { TestingError } from './testing-error.ts'

export interface StartPostgresOptions {
  /** Where `DATABASE_URL` is read. @defaultValue `process.env` */
  readonly env?: ServerEnvironment | undefined
  /** What a server of our own listens on. @defaultValue `'socket'`, a Unix socket */
  readonly listen?: 'socket' | 'loopback' | undefined
}

/** A database that exists for one test. */
export interface PostgresDatabase {
  readonly url: string
  readonly connection: PostgresConnection
  /** Ends the sessions that are left in it, and drops it. */
  drop(): Promise<void>
}

/** A real PostgreSQL with a database of its own. */
export interface PostgresServer {
  readonly url: string
  readonly connection: PostgresConnection
  /** One more database on the same server; `stop()` drops it too. */
  createDatabase(): Promise<PostgresDatabase>
  /**
   * Ends the server as a crash would and keeps its data, for tests of what happens without it.
   * @throws {@link TestingError} `testing.options` when it is not ours to end: `DATABASE_URL` names it.
   */
  takeDown(): Promise<void>
  /**
   * Starts the server again that was taken down: the same URL, the same data.
   * @throws {@link TestingError} `testing.port_taken` when another program listens there by now,
   * `testing.postgres_unavailable`, and `testing.options` as above.
   */
  bringBack(): Promise<void>
  /** Drops every database made here; ends the server when it is ours. */
  stop(): Promise<void>
}

/** How long sessions may take to leave a database before they are ended. */
const leaveWithinMs = 2_000

/** How long a server named by `DATABASE_URL` may take to answer. */
const answerWithinMs = 4_000

/**
 * A PostgreSQL for tests: the one that `DATABASE_URL` names, else one of its own, up in about a
 * second, that never outlives this process. Needs no account, no container and no root.
 * @throws {@link TestingError} `testing.database_unreachable`, `testing.database_forbidden` or
 * `testing.postgres_unavailable` or `testing.port_taken`; each says in one sentence what to do.
 * @example
 * ```ts
 * const postgres = await startPostgres()
 * const pool = new pg.Pool({ connectionString: postgres.url })
 * ```
 */
export async function startPostgres(options: StartPostgresOptions = {}): Promise<PostgresServer> {
  const { DATABASE_URL } = serverEnvironment(options.env)
  if (DATABASE_URL === undefined || DATABASE_URL === '') {
    const own = await startEmbeddedPostgres(options.listen ?? 'socket')
    // What is ours ends with its data: there is nothing to drop.
    const janitor = { watch: () => {}, forget: () => {}, end: own.stop }
    return serverAt(urlOf(own.connection), janitor, own)
  }
  const url = checkedUrl(DATABASE_URL)
  return serverAt(url, startDatabaseJanitor(url), { takeDown: notOurs, bringBack: notOurs })
}

async function notOurs(): Promise<never> {
  throw new TestingError(
    'testing.options',
    'the server that DATABASE_URL names is not ours to take down: start one without DATABASE_URL',
  )
}

async function serverAt(
  adminUrl: string,
  janitor: DatabaseJanitor,
  { takeDown, bringBack }: Pick<PostgresServer, 'takeDown' | 'bringBack'>,
): Promise<PostgresServer> {
  const databases = new Set<PostgresDatabase>()
  let up = true
  const createDatabase = async (): Promise<PostgresDatabase> => {
    const name = `partywall_${randomBytes(6).toString('hex')}`
    janitor.watch(name)
    try {
      await asAdmin(adminUrl, (client) => client.query(`create database ${name}`))
    } catch (error) {
      janitor.forget(name)
      throw error
    }
    const url = withDatabase(adminUrl, name)
    const database: PostgresDatabase = {
      url,
      connection: connectionOf(url),
      drop: async () => {
        if (!databases.delete(database)) return
        await asAdmin(adminUrl, (client) => dropDatabase(client, name))
        janitor.forget(name)
      },
    }
    databases.add(database)
    return database
  }
  try {
    const { url, connection } = await createDatabase()
    return {
      url,
      connection,
      createDatabase,
      takeDown: async () => {
        await takeDown()
        up = false
      },
      bringBack: async () => {
        await bringBack()
        up = true
      },
      stop: async () => {
        try {
          // Of a server of ours that is down, nothing is left to drop.
          for (const database of up ? [...databases] : []) await database.drop()
        } finally {
          await janitor.end()
        }
      },
    }
  } catch (error) {
    await janitor.end()
    throw error
  }
}

/**
 * A pool says that it has ended before the server has seen it. Sessions that are on their way out
 * get a moment: one that is ended by force raises an error in its client where nobody listens.
 */
async function dropDatabase(client: pg.Client, name: string): Promise<void> {
  const deadline = Date.now() + leaveWithinMs
  while (Date.now() < deadline) {
    const { rowCount } = await client.query('select from pg_stat_activity where datname = $1', [
      name,
    ])
    if (rowCount === 0) break
    await pause(20)
  }
  await client.query(`drop database if exists ${name} with (force)`)
}

async function asAdmin(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: answerWithinMs })
  // A connection that breaks later also says so by an event, which would end the process.
  client.on('error', () => {})
  try {
    await client.connect()
  } catch (cause) {
    throw unreachable(cause)
  }
  try {
    await work(client)
  } catch (cause) {
    throw codeOf(cause) === '42501' ? forbidden(cause) : cause
  } finally {
    await client.end().catch(() => {})
  }
}

/** Never the URL: it may hold a password. */
function unreachable(cause: unknown): TestingError {
  const reason = codeOf(cause) ?? `no answer within ${answerWithinMs / 1_000} s`
  return new TestingError(
    'testing.database_unreachable',
    `the PostgreSQL server that DATABASE_URL names does not let us in (${reason}): start it or correct the URL, or unset DATABASE_URL to use the PostgreSQL that npm carries`,
    { cause },
  )
}

function forbidden(cause: unknown): TestingError {
  return new TestingError(
    'testing.database_forbidden',
    'the user of DATABASE_URL may not create databases: grant it CREATEDB, or unset DATABASE_URL to use the PostgreSQL that npm carries',
    { cause },
  )
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}

function checkedUrl(url: string): string {
  if (/^postgres(?:ql)?:\/\//.test(url) && URL.canParse(url)) return url
  throw new TestingError(
    'testing.database_unreachable',
    'DATABASE_URL is no postgresql:// URL: correct it, or unset it to use the PostgreSQL that npm carries',
  )
}

function connectionOf(url: string): PostgresConnection {
  const { host, port, user, password, database } = new pg.Client({ connectionString: url })
  return {
    host,
    port,
    user: user ?? '',
    database: database ?? '',
    ...(password === undefined ? {} : { password }),
  }
}
