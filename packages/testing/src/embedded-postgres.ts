import { randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { startGuarded } from './guarded-process.ts'
import { postgresHome } from './postgres-binaries.ts'
import type { PostgresConnection } from './postgres-connection.ts'
import { TestingError } from './testing-error.ts'
import { type Unprivileged, unprivileged } from './unprivileged.ts'

export interface EmbeddedPostgres {
  readonly connection: PostgresConnection
  stop(): Promise<void>
}

/** Data that nobody keeps needs no care; nothing is put outside of the data folder. */
const settings = {
  fsync: 'off',
  synchronous_commit: 'off',
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
 * @throws {@link TestingError} `testing.postgres_unavailable`
 */
export async function startEmbeddedPostgres(
  listen: 'socket' | 'loopback',
): Promise<EmbeddedPostgres> {
  const runner = unprivileged(postgresHome())
  const socket = listen === 'socket' && socketFolder.test(runner.folder)
  const connection: PostgresConnection = socket
    ? { host: runner.folder, port: 5432, user: 'postgres', database: 'postgres' }
    : {
        host: '127.0.0.1',
        port: await freePort(),
        user: 'postgres',
        password: randomBytes(16).toString('hex'),
        database: 'postgres',
      }
  try {
    const server = await startGuarded({
      command: commandFor(runner, connection, socket),
      folder: runner.folder,
      ready: 'database system is ready to accept connections',
      endWith: 'QUIT',
      timeoutMs: 60_000,
    })
    return { connection, stop: server.stop }
  } catch (cause) {
    rmSync(runner.folder, { recursive: true, force: true })
    throw notUp(cause)
  }
}

function notUp(cause: unknown): TestingError {
  const reason = cause instanceof Error ? cause.message : 'unknown reason'
  return new TestingError('testing.postgres_unavailable', `PostgreSQL did not come up: ${reason}`, {
    cause,
  })
}

function commandFor(
  { folder, home, prefix }: Unprivileged,
  { host, port, password }: PostgresConnection,
  socket: boolean,
): readonly string[] {
  const data = join(folder, 'data')
  const initdb = [
    join(home, 'bin/initdb'),
    `--pgdata=${data}`,
    '--username=postgres',
    '--no-sync',
    '--no-instructions',
    '--no-locale',
    '--encoding=UTF8',
    ...(socket
      ? ['--auth=trust']
      : ['--auth=scram-sha-256', `--pwfile=${join(folder, 'password')}`]),
  ]
  if (password !== undefined) writeFileSync(join(folder, 'password'), password)
  const where = socket
    ? { listen_addresses: '', unix_socket_directories: host, unix_socket_permissions: '0700' }
    : { listen_addresses: host, unix_socket_directories: '' }
  const postgres = [
    join(home, 'bin/postgres'),
    '-D',
    data,
    '-p',
    String(port),
    ...Object.entries({ ...settings, ...where }).flatMap(([key, value]) => [
      '-c',
      `${key}=${value}`,
    ]),
  ]
  return [
    ...prefix,
    '/bin/sh',
    '-c',
    `${initdb.map(quote).join(' ')} && exec ${postgres.map(quote).join(' ')}`,
  ]
}

function quote(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`)}'`
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
