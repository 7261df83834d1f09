import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

type RedisReply = string | number | null | readonly RedisReply[]

/** As much of a Redis client as it takes to find keys and remove them. */
export interface RedisConnection {
  command(...words: readonly string[]): Promise<RedisReply>
  end(): void
}

/**
 * Connects to a `redis://` or `rediss://` URL, or to the path of a Unix socket, and logs in.
 * Rejects when there is no answer in time or the server refuses.
 */
export async function connectRedis(url: string, timeoutMs: number): Promise<RedisConnection> {
  const socket = open(url)
  const connection = talk(socket)
  const timer = setTimeout(() => socket.destroy(new Error('no answer')), timeoutMs)
  try {
    await logIn(connection, url)
    await connection.command('PING')
    return connection
  } catch (error) {
    connection.end()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

function open(url: string): Socket {
  if (url.startsWith('/')) return connect(url)
  const { protocol, hostname, port } = new URL(url)
  const address = { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || 6379) }
  return protocol === 'rediss:'
    ? connectTls({ ...address, servername: address.host })
    : connect(address)
}

async function logIn(connection: RedisConnection, url: string): Promise<void> {
  if (url.startsWith('/')) return
  const { username, password, pathname } = new URL(url)
  const names = [username, password].filter((word) => word !== '').map(decodeURIComponent)
  if (password !== '') await connection.command('AUTH', ...names)
  const database = pathname.slice(1)
  if (database !== '') await connection.command('SELECT', database)
}

function talk(socket: Socket): RedisConnection {
  const waiting: { resolve(reply: RedisReply): void; reject(error: Error): void }[] = []
  let unread = Buffer.alloc(0)
  const fail = (error: Error): void => {
    for (const { reject } of waiting.splice(0)) reject(error)
  }
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('the connection was closed')))
  socket.on('data', (chunk) => {
    unread = Buffer.concat([unread, chunk])
    for (let parsed = parse(unread, 0); parsed !== undefined; parsed = parse(unread, 0)) {
      unread = unread.subarray(parsed.end)
      const next = waiting.shift()
      if (parsed.error === undefined) next?.resolve(parsed.reply)
      else next?.reject(new Error(parsed.error))
    }
  })
  return {
    command: (...words) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) {
          reject(new Error('the connection was closed'))
          return
        }
        waiting.push({ resolve, reject })
        const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`)
        socket.write(`*${words.length}\r\n${parts.join('')}`)
      }),
    end: () => socket.destroy(),
  }
}

interface Parsed {
  readonly reply: RedisReply
  readonly end: number
  readonly error?: string
}

/** One reply of the protocol, RESP 2; `undefined` while it is incomplete. */
function parse(bytes: Buffer, start: number): Parsed | undefined {
  const lineEnd = bytes.indexOf('\r\n', start)
  if (lineEnd === -1) return undefined
  const line = bytes.toString('utf8', start + 1, lineEnd)
  const end = lineEnd + 2
  switch (String.fromCharCode(bytes[start] ?? 0)) {
    case '+':
      return { reply: line, end }
    case '-':
      return { reply: null, end, error: line }
    case ':':
      return { reply: Number(line), end }
    case '$':
      return parseBulk(bytes, end, Number(line))
    case '*':
      return parseArray(bytes, end, Number(line))
    default:
      return { reply: null, end, error: 'this is no Redis server' }
  }
}

function parseBulk(bytes: Buffer, start: number, length: number): Parsed | undefined {
  if (length < 0) return { reply: null, end: start }
  const end = start + length + 2
  return bytes.length < end
    ? undefined
    : { reply: bytes.toString('utf8', start, start + length), end }
}

function parseArray(bytes: Buffer, start: number, length: number): Parsed | undefined {
  const reply: RedisReply[] = []
  let end = start
  for (let index = 0; index < length; index += 1) {
    const item = parse(bytes, end)
    if (item === undefined) return undefined
    reply.push(item.reply)
    end = item.end
  }
  return { reply: length < 0 ? null : reply, end }
}
