import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isPartywallError } from '@partywall/context'
import { freePort, portsToTry } from './free-port.ts'
import { type GuardedProcess, startGuarded } from './guarded-process.ts'
import { postgresHome } from './postgres-binaries.ts'
import type { PostgresConnection } from './postgres-connection.ts'
import { TestingError } from './testing-error.ts'
import { type Unprivileged, unprivileged } from './unprivileged.ts'

export interface EmbeddedPostgres {
  readonly connection: PostgresConnection
  /** Ends the server as a crash would, and keeps its data. */
  takeDown(): Promise<void>
  /**
   * Starts it again, at the same place and with the same data.
   * @throws {@link TestingError} `testing.port_taken`, `testing.postgres_unavailable`
   */
  bringBack(): Promise<void>
  stop(): Promise<void>
}

/**
 * Data that nobody keeps needs no care on the disk; what was committed outlives the server, though,
 * since it may be taken down. Nothing is put outside of the data folder.
 */
const settings = {
  fsync: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_connections: '200',
  io_method: 'sync',
  dynamic_shared_memory_type: 'mmap',
  jit: 'off',
  timezone: 'UTC',
} as const

/** A Unix socket's path is short on all systems, and a list of folders is cut at commas. */
const socketFolder = /^[\w./+-]{1,85}$/

/**
 * Starts PostgreSQL from the binaries that npm carries, in a folder below TMPDIR: on a Unix socket
 * that only this user reaches, or with a password on a free loopback port.
 * @throws {@link TestingError} `testing.postgres_unavailable`, `testing.port_taken`
 */
export async function startEmbeddedPostgres(
  listen: 'socket' | 'loopback',
  choosePort: () => Promise<number> = freePort,
): Promise<EmbeddedPostgres> {
  for (let left = portsToTry - 1; ; left -= 1) {
    try {
      return await startOnce(listen, choosePort)
    } catch (error) {
      if (left === 0 || !isPartywallError(error, 'testing.port_taken')) throw error
    }
  }
}

async function startOnce(
  listen: 'socket' | 'loopback',
  choosePort: () => Promise<number>,
): Promise<EmbeddedPostgres> {
  const runner = unprivileged(postgresHome())
  const folder = runner.folder.path
  const socket = listen === 'socket' && socketFolder.test(folder)
  const connection: PostgresConnection = socket
    ? { host: folder, port: 5432, user: 'postgres', database: 'postgres' }
    : {
        host: '127.0.0.1',
        port: await choosePort(),
        user: 'postgres',
        password: randomBytes(16).toString('hex'),
        database: 'postgres',
      }
  const postgres = postgresCommand(runner, connection, socket)
  const start = (command: string): Promise<GuardedProcess> =>
    startGuarded({
      command: [...runner.prefix, '/bin/sh', '-c', command],
      folder,
      ready: 'database system is ready to accept connections',
      endWith: 'QUIT',
      timeoutMs: 60_000,
    }).catch((cause: unknown) => {
      throw notUp(cause, connection)
    })
  // Each has a guardian that removes the folder; the last one to end finds it as it leaves it.
  const servers: GuardedProcess[] = []
  try {
    const initdb = initdbCommand(runner, connection)
    const starting = start(`${initdb} && exec ${postgres}`)
    runner.folder.handOver()
    servers.push(await starting)
  } catch (error) {
    runner.folder.remove()
    throw error
  }
  return {
    connection,
    takeDown: async () => servers.at(-1)?.halt(),
    async bringBack() {
      servers.push(await start(`exec ${postgres}`))
    },
    async stop() {
      for (const server of servers.reverse()) await server.stop()
    },
  }
}

function notUp(cause: unknown, { host, port }: PostgresConnection): TestingError {
  const reason = cause instanceof Error ? cause.message : 'unknown reason'
  if (/Address already in use/.test(reason)) {
    return new TestingError(
      'testing.port_taken',
      `port ${port} of ${host} is taken by another program: end that program, then start PostgreSQL again`,
      { cause },
    )
  }
  return new TestingError('testing.postgres_unavailable', `PostgreSQL did not come up: ${reason}`, {
    cause,
  })
}

function initdbCommand({ folder, home }: Unprivileged, { password }: PostgresConnection): string {
  const passwordFile = join(folder.path, 'password')
  if (password !== undefined) writeFileSync(passwordFile, password)
  const initdb = [
    join(home, 'bin/initdb'),
    `--pgdata=${join(folder.path, 'data')}`,
    '--username=postgres',
    '--no-sync',
    '--no-instructions',
    '--no-locale',
    '--encoding=UTF8',
    ...(password === undefined
      ? ['--auth=trust']
      : ['--auth=scram-sha-256', `--pwfile=${passwordFile}`]),
  ]
  return initdb.map(quote).join(' ')
}

function postgresCommand(
  { folder, home }: Unprivileged,
  { host, port }: PostgresConnection,
  socket: boolean,
): string {
  const where = socket
    ? { listen_addresses: '', unix_socket_directories: host, unix_socket_permissions: '0700' }
    : { listen_addresses: host, unix_socket_directories: '' }
  const options = Object.entries({ ...settings, ...where }).flatMap(([key, value]) => [
    '-c',
    `${key}=${value}`,
  ])
  const data = join(folder.path, 'data')
  return [join(home, 'bin/postgres'), '-D', data, '-p', String(port), ...options]
    .map(quote)
    .join(' ')
}

function quote(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`)}'`
}
