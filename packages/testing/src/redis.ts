import { randomBytes } from 'node:crypto'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { startGuarded } from './guarded-process.ts'
import { connectRedis, type RedisConnection } from './redis-connection.ts'
import { type ServerEnvironment, serverEnvironment } from './server-environment.ts'
import { TestingError } from './testing-error.ts'

export interface StartRedisOptions {
  /** Where `REDIS_URL` and `PATH` are read. @defaultValue `process.env` */
  readonly env?: ServerEnvironment | undefined
}

/** A real Redis for one test. */
export interface RedisServer {
  /** A `redis://` URL or the path of a Unix socket: what `new Redis(url)` of ioredis takes. */
  readonly url: string
  /** Put before every key: the server may be shared. */
  readonly prefix: string
  /** Removes every key below the prefix; ends the server when it is ours. */
  stop(): Promise<void>
}

const answerWithinMs = 4_000

/**
 * A Redis for tests: the one that `REDIS_URL` names, else `redis-server` or `valkey-server` from the
 * PATH or from `node_modules/.cache/partywall/bin`, on a Unix socket, without persistence.
 * @throws {@link TestingError} `testing.redis_unreachable` or `testing.redis_unavailable`; each says
 * in one sentence what to do.
 */
export async function startRedis(options: StartRedisOptions = {}): Promise<RedisServer> {
  const env = serverEnvironment(options.env)
  const prefix = `partywall:${randomBytes(6).toString('hex')}:`
  if (env.REDIS_URL === undefined || env.REDIS_URL === '') {
    const { url, stop } = await startOwn(env)
    return { url, prefix, stop }
  }
  const url = checkedUrl(env.REDIS_URL)
  const connection = await reach(url)
  connection.end()
  return { url, prefix, stop: () => removeKeys(url, prefix) }
}

async function startOwn(env: ServerEnvironment): Promise<Pick<RedisServer, 'url' | 'stop'>> {
  const binary = findBinary(env)
  const folder = mkdtempSync(join(tmpdir(), 'partywall-redis-'))
  const url = join(folder, 'redis.sock')
  const command = [binary, '--port', '0', '--unixsocket', url, '--unixsocketperm', '700']
  command.push('--save', '', '--appendonly', 'no', '--dir', folder)
  try {
    const { stop } = await startGuarded({
      command,
      folder,
      ready: 'eady to accept connections',
      endWith: 'TERM',
      timeoutMs: 20_000,
    })
    return { url, stop }
  } catch (cause) {
    rmSync(folder, { recursive: true, force: true })
    throw unavailable(cause instanceof Error ? cause.message : 'unknown reason', cause)
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
  throw unavailable('no redis-server was found')
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

async function removeKeys(url: string, prefix: string): Promise<void> {
  const connection = await reach(url)
  try {
    let cursor = '0'
    do {
      const reply = await connection.command('SCAN', cursor, 'MATCH', `${prefix}*`, 'COUNT', '1000')
      const [next, keys] = Array.isArray(reply) ? reply : []
      if (typeof next !== 'string' || !Array.isArray(keys)) break
      if (keys.length > 0) await connection.command('UNLINK', ...keys.map(String))
      cursor = next
    } while (cursor !== '0')
  } finally {
    connection.end()
  }
}

async function reach(url: string): Promise<RedisConnection> {
  try {
    return await connectRedis(url, answerWithinMs)
  } catch (cause) {
    throw unreachable(cause)
  }
}

/** Never the URL: it may hold a password. */
function unreachable(cause?: unknown): TestingError {
  return new TestingError(
    'testing.redis_unreachable',
    'the Redis server that REDIS_URL names does not let us in: start it or correct the URL, or unset REDIS_URL',
    { cause },
  )
}

function unavailable(reason: string, cause?: unknown): TestingError {
  return new TestingError(
    'testing.redis_unavailable',
    `Redis did not come up (${reason}): install redis-server or valkey-server, or set REDIS_URL to a server`,
    { cause },
  )
}

function checkedUrl(url: string): string {
  if (url.startsWith('/') || (/^rediss?:\/\//.test(url) && URL.canParse(url))) return url
  throw unreachable()
}
