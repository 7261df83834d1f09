import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { createSecureContext, TLSSocket } from 'node:tls'
import { onTestFinished } from 'vitest'
import { postgresOptions } from './postgres-shop.ts'

export interface CancelLine {
  /** What a client of postgres.js needs to come by this line. */
  readonly options: object
  /** What clients sent, and requests that the server is done with, in that order. */
  readonly seen: readonly string[]
  /** Of what clients send, the server reads this word otherwise, so many times. */
  garble(word: string, times: number): void
}

export interface CancelLineOptions {
  /** A request to cancel is sent on when this resolves to `true`, and else breaks; by default, late. */
  readonly deliver?: (seen: readonly string[]) => Promise<boolean>
  readonly tls?: boolean
}

const isRequest = (bytes: Buffer): boolean =>
  bytes.length === 16 && bytes.readInt32BE(4) === 80_877_102

/** Without certificates. */
const anonymous = { ciphers: 'aNULL:@SECLEVEL=0', maxVersion: 'TLSv1.2' } as const

/** A line to the server of this URL on which requests to cancel take their time; closed with the test. */
export async function openCancelLine(
  url: string,
  { deliver = () => wait(100, true), tls = false }: CancelLineOptions = {},
): Promise<CancelLine> {
  const { host, path, port, ...options } = postgresOptions(url)
  const target = (path === undefined ? { host, port } : { path }) as NetConnectOpts
  const sockets = new Set<Socket>()
  const seen: string[] = []
  let garbled = { word: '', times: 0 }

  async function pass(bytes: Buffer, far: Socket, near: Socket): Promise<void> {
    if (isRequest(bytes)) {
      if (!(await deliver(seen))) return void near.resetAndDestroy()
      far.on('close', () => seen.push('request'))
    } else seen.push(bytes.toString('latin1'))
    const { word, times } = garbled
    const at = times === 0 ? -1 : bytes.indexOf(word)
    if (at >= 0) {
      garbled = { word, times: times - 1 }
      bytes.write('x', at)
    }
    far.write(bytes)
  }

  async function serve(near: Socket): Promise<void> {
    const far = connect(target)
    sockets.add(near).add(far)
    near.on('error', () => undefined).on('close', () => far.destroy())
    far.on('error', () => undefined).on('close', () => near.end())
    const client = tls ? await secure(near) : near
    client.on('data', (bytes: Buffer) => void pass(bytes, far, near))
    client.on('end', () => far.end())
    far.on('data', (bytes) => client.write(bytes)).on('close', () => client.end())
  }

  const server = createServer((near) => void serve(near))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const each of sockets) each.destroy()
    server.close()
  })
  return {
    options: {
      ...options,
      host: '127.0.0.1',
      port: (server.address() as AddressInfo).port,
      ssl: tls && { ...anonymous, rejectUnauthorized: false },
    },
    seen,
    garble(word, times) {
      garbled = { word, times }
    },
  }
}

/** Once the client asked for it, as clients of PostgreSQL do. */
async function secure(near: Socket): Promise<Duplex> {
  await once(near, 'data')
  near.pause()
  near.write('S')
  const client = new TLSSocket(near, {
    isServer: true,
    secureContext: createSecureContext(anonymous),
  })
  return client.on('error', () => undefined)
}
