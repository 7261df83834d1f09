import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Pool } from 'undici'

/** Where the proxy may send requests, and how many are on their way there. */
interface Backend {
  readonly port: number
  readonly pool: Pool
  inFlight: number
  /** Called when the last request is answered, once it takes no new ones. */
  drained: (() => void) | undefined
}

export interface Proxy {
  readonly port: number
  /** From now on this instance gets requests. */
  add(port: number): void
  /** From now on it gets none; resolves when those under way are answered. */
  remove(port: number): Promise<void>
  close(): Promise<void>
}

const connectionsPerBackend = 32
const maxBodyBytes = 1_000_000

/**
 * A small HTTP proxy in front of the instances. A request goes to the instance with the least to
 * do, to exactly one, and is never sent twice: what was sent may have been done. Rejects with the
 * system's error when the port cannot be listened on.
 */
export async function startProxy(port: number): Promise<Proxy> {
  const backends: Backend[] = []
  let turn = 0
  const next = (): Backend | undefined => {
    turn += 1
    let best: Backend | undefined
    for (let n = 0; n < backends.length; n += 1) {
      const candidate = backends[(turn + n) % backends.length]
      if (candidate === undefined) continue
      if (best === undefined || candidate.inFlight < best.inFlight) best = candidate
    }
    return best
  }
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    forward(request, response, next()).catch(() => {
      if (response.headersSent) response.destroy()
      else response.writeHead(502).end()
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    add(port) {
      const pool = new Pool(`http://127.0.0.1:${port}`, { connections: connectionsPerBackend })
      backends.push({ port, pool, inFlight: 0, drained: undefined })
    },
    async remove(port) {
      const index = backends.findIndex((backend) => backend.port === port)
      const [backend] = index < 0 ? [] : backends.splice(index, 1)
      if (backend === undefined) return
      if (backend.inFlight > 0) {
        await new Promise<void>((resolve) => {
          backend.drained = resolve
        })
      }
      await backend.pool.close()
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      for (const backend of backends.splice(0)) await backend.pool.destroy()
    },
  }
}

async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  backend: Backend | undefined,
): Promise<void> {
  if (backend === undefined) {
    response.writeHead(503).end()
    return
  }
  backend.inFlight += 1
  try {
    const body = await bodyOf(request)
    const answer = await backend.pool.request({
      // undici's list of methods is closed; node's parser let only known methods through.
      method: (request.method ?? 'GET') as 'GET',
      path: request.url ?? '/',
      headers: endToEnd(request.headers),
      body,
    })
    const payload = Buffer.from(await answer.body.arrayBuffer())
    response.writeHead(answer.statusCode, endToEnd(answer.headers))
    response.end(payload)
  } finally {
    backend.inFlight -= 1
    if (backend.inFlight === 0) backend.drained?.()
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  if (request.method === 'GET' || request.method === 'DELETE') return null
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    // The request has no encoding set, so its chunks are buffers.
    chunks.push(chunk as Buffer)
    size += (chunk as Buffer).length
    if (size > maxBodyBytes) throw new Error('the body is too long')
  }
  return Buffer.concat(chunks)
}

type Fields = Record<string, string | string[] | undefined>

/** The header fields that are not about this one connection. */
function endToEnd(headers: Fields): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined || hopByHop.has(name)) continue
    kept[name] = value
  }
  return kept
}

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'content-length',
])
