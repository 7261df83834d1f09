import { randomBytes } from 'node:crypto'
import { accessSync, constants, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { freePort, portsToTry } from './free-port.ts'
import { newGuardedFolder } from './guarded-folder.ts'
import { startGuarded } from './guarded-process.ts'
import type { ServerEnvironment } from './server-environment.ts'
import { TestingError } from './testing-error.ts'

/** A server of our own. */
export interface OwnRedis {
  readonly url: string
  stop(): Promise<void>
}

/** A Unix socket's path has at most 103 bytes on some systems. */
const socketPathBytes = 100

/** What Redis says when somebody else listens at its port. */
const portTaken = /Address already in use/

/**
 * Starts the Redis of the PATH or of `node_modules/.cache/partywall/bin`, without persistence: on a
 * Unix socket that only this user reaches, or, where TMPDIR is too long for one, with a password on a
 * free loopback port.
 * @throws {@link TestingError} `testing.redis_unavailable`
 */
export async function startOwnRedis(
  env: ServerEnvironment,
  choosePort: () => Promise<number> = freePort,
): Promise<OwnRedis> {
  const binary = findBinary(env)
  for (let left = portsToTry - 1; ; left -= 1) {
    try {
      return await startOnce(binary, choosePort)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : 'unknown reason'
      if (left === 0 || !portTaken.test(reason)) throw notUp(binary, reason, cause)
    }
  }
}

/** It is there, so to install it is no advice; the last line of its output says what to do. */
function notUp(binary: string, output: string, cause: unknown): TestingError {
  return new TestingError(
    'testing.redis_unavailable',
    `Redis did not come up (${binary}: ${output.split('\n').at(-1)}): mend that, or set REDIS_URL to a server`,
    { cause },
  )
}

async function startOnce(binary: string, choosePort: () => Promise<number>): Promise<OwnRedis> {
  const folder = newGuardedFolder(tmpdir(), 'partywall-redis-')
  try {
    const { url, settings } = await place(folder.path, choosePort)
    // In a file that only this user reads: everybody sees the arguments of a process.
    const file = join(folder.path, 'redis.conf')
    writeFileSync(file, `${settings.join('\n')}\n`, { mode: 0o600 })
    const starting = startGuarded({
      command: [binary, file, '--save', '', '--appendonly', 'no', '--dir', folder.path],
      folder: folder.path,
      ready: 'eady to accept connections',
      endWith: 'TERM',
      timeoutMs: 20_000,
    })
    folder.handOver()
    const { stop } = await starting
    return { url, stop }
  } catch (error) {
    folder.remove()
    throw error
  }
}

async function place(
  folder: string,
  choosePort: () => Promise<number>,
): Promise<{ readonly url: string; readonly settings: readonly string[] }> {
  const socket = join(folder, 'redis.sock')
  if (Buffer.byteLength(socket) <= socketPathBytes) {
    const settings = ['port 0', `unixsocket ${JSON.stringify(socket)}`, 'unixsocketperm 700']
    return { url: socket, settings }
  }
  const port = await choosePort()
  const password = randomBytes(16).toString('hex')
  return {
    url: `redis://:${password}@127.0.0.1:${port}`,
    settings: ['bind 127.0.0.1', `port ${port}`, `requirepass ${password}`],
  }
}

function findBinary({ PATH = '' }: ServerEnvironment): string {
  const folders = PATH.split(delimiter).filter((folder) => folder !== '')
  for (const folder of [...folders, ...caches(process.cwd())]) {
    for (const name of ['redis-server', 'valkey-server']) {
      const file = join(folder, name)
      if (isExecutable(file)) return file
    }
  }
  throw new TestingError(
    'testing.redis_unavailable',
    'no redis-server was found: install redis-server or valkey-server, or set REDIS_URL to a server',
  )
}

/** The caches of this folder and of those above it: a test may run in a package or at the root. */
function* caches(from: string): Generator<string> {
  yield join(from, 'node_modules/.cache/partywall/bin')
  const above = dirname(from)
  if (above !== from) yield* caches(above)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
