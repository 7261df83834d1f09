import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { onDecision, type WallEvent } from '@partywall/context'
import type { Enforcement } from '@partywall/context/spi'
import { type Boundary, type BoundaryOptions, createBoundary } from '@partywall/http'
import { type JwtIssuer, verifyJwt } from '@partywall/http/jwt'
import { createRegistry, memory, type Registry, type TenantInit } from '@partywall/registry'
import { SignJWT } from 'jose'
import { onTestFinished } from 'vitest'

export const secrets: Readonly<Record<'ours' | 'theirs', Uint8Array>> = {
  ours: new Uint8Array(32).fill(1),
  theirs: new Uint8Array(32).fill(2),
}

const issuers: readonly JwtIssuer[] = [
  {
    issuer: 'https://ours.example',
    audience: 'shop',
    algorithms: ['HS256'],
    keys: secrets.ours,
    tenants: 'any',
    tenantClaim: 'tenant',
  },
  {
    issuer: 'https://theirs.example',
    audience: 'shop',
    algorithms: ['HS256'],
    keys: secrets.theirs,
    tenants: ['globex'],
    tenantClaim: 'tenant',
  },
]

const person = (
  issuer: 'ours' | 'theirs',
  subject: string,
  role: 'owner' | 'admin' | 'member',
) => ({
  issuer: `https://${issuer}.example`,
  subject,
  role,
  scopes: role === 'member' ? [] : ['ops:read'],
})

/** Anna owns acme; of globex, another issuer's Anna is an admin, and ours is nothing. */
export const tenants: readonly TenantInit[] = [
  {
    tenantId: 'acme',
    name: 'Acme',
    status: 'active',
    members: [person('ours', 'anna', 'owner'), person('ours', 'ben', 'member')],
  },
  {
    tenantId: 'globex',
    name: 'Globex',
    status: 'active',
    members: [person('theirs', 'anna', 'admin'), person('ours', 'carl', 'member')],
  },
  {
    tenantId: 'closed',
    name: 'Closed',
    status: 'suspended',
    members: [person('ours', 'anna', 'owner')],
  },
  {
    tenantId: 'default',
    name: 'Default',
    status: 'active',
    members: [person('ours', 'anna', 'member')],
  },
]

export interface TokenInit {
  readonly issuer?: 'ours' | 'theirs'
  readonly subject?: string
  readonly tenant?: string
  readonly secret?: Uint8Array
  readonly expiresAt?: number
}

/** A token as a client would send it. */
export async function bearer(init: TokenInit = {}): Promise<string> {
  const { issuer = 'ours', subject = 'anna', tenant, expiresAt } = init
  const token = await new SignJWT(tenant === undefined ? {} : { tenant })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(`https://${issuer}.example`)
    .setAudience('shop')
    .setSubject(subject)
    .setExpirationTime(expiresAt ?? Math.floor(Date.now() / 1000) + 3600)
    .sign(init.secret ?? secrets[issuer])
  return `Bearer ${token}`
}

export function authenticator(clock?: () => number): ReturnType<typeof verifyJwt> {
  return verifyJwt({ issuers, clock })
}

export async function registry(): Promise<Registry> {
  return createRegistry(memory(tenants))
}

export async function boundary(options: Partial<BoundaryOptions> = {}): Promise<Boundary> {
  return createBoundary({
    environment: 'prod',
    lookup: await registry(),
    sources: { header: 'X-Tenant-Id', query: 'tenant' },
    authenticator: authenticator(),
    publicRoutes: ['POST /login'],
    enforcement: 'no_kill_switch',
    ...options,
  })
}

/** A kill switch that can be flipped: it serves nobody but `default` while it is on. */
export function killSwitch(): Enforcement & { on: boolean } {
  return {
    on: false,
    watching: true,
    decide: () => ({ action: 'block', reason: 'default', generation: 1, record: true }),
    refusal(tenantId) {
      return this.on && tenantId !== 'default'
        ? { action: 'block', reason: 'kill_switch', generation: 1, record: true }
        : undefined
    },
  }
}

/** Serves on a free port until the test is over. */
export async function serve(listener: RequestListener): Promise<{
  readonly url: string
  readonly port: number
  readonly server: Server
}> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => {
      server.close(resolve)
    })
  })
  // A server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, port, server }
}

export interface Answer {
  readonly status: number
  readonly head: string
  readonly body: string
}

/** Sends bytes as they are, which no HTTP client would, and reads one answer after the other. */
export async function raw(
  port: number,
  ...requests: readonly string[]
): Promise<readonly Answer[]> {
  const socket = connect(port, '127.0.0.1')
  const answers: Answer[] = []
  let received = ''
  try {
    for (const request of requests) {
      socket.write(request)
      for (;;) {
        const answer = parseAnswer(received)
        if (answer !== undefined) {
          answers.push(answer)
          received = received.slice(answer.head.length + 4 + answer.body.length)
          break
        }
        const chunk = await new Promise<Buffer>((resolve, reject) => {
          socket.once('data', resolve)
          socket.once('error', reject)
          socket.once('end', () => {
            reject(new Error('the server hung up'))
          })
        })
        socket.removeAllListeners()
        received += chunk.toString('latin1')
      }
    }
  } finally {
    socket.destroy()
  }
  return answers
}

function parseAnswer(text: string): Answer | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const head = text.slice(0, end)
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? '0')
  const body = text.slice(end + 4, end + 4 + length)
  if (body.length < length) return undefined
  return { status: Number(head.split(' ')[1]), head, body }
}

/** Everything that is told on the channel until the test is over. */
export function watch(): WallEvent[] {
  const events: WallEvent[] = []
  const stop = onDecision((event) => {
    events.push(event)
  })
  onTestFinished(stop)
  return events
}

/** Looks again until `condition` holds: for what happens after an answer was received. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it did not happen within 30 s')
    await new Promise((resolve) => setImmediate(resolve))
  }
}
