import { randomBytes } from 'node:crypto'
import { startOwnRedis } from './own-redis.ts'
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
 * PATH or from `node_modules/.cache/partywall/bin`, without persistence: on a Unix socket, or with a
 * password on a free loopback port where TMPDIR is too long for one.
 * @throws {@link TestingError} `testing.redis_unreachable` or `testing.redis_unavailable`; each says
 * in one sentence what to do.
 */
export async function startRedis(options: StartRedisOptions = {}): Promise<RedisServer> {
  const env = serverEnvironment(options.env)
  const prefix = `partywall:${randomBytes(6).toString('hex')}:`
  if (env.REDIS_URL === undefined || env.REDIS_URL === '') {
    const { url, stop } = await startOwnRedis(env)
    return { url, prefix, stop }
  }
  const url = checkedUrl(env.REDIS_URL)
  const connection = await reach(url)
  connection.end()
  return { url, prefix, stop: () => removeKeys(url, prefix) }
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

function checkedUrl(url: string): string {
  if (url.startsWith('/') || (/^rediss?:\/\//.test(url) && URL.canParse(url))) return url
  throw unreachable()
}
