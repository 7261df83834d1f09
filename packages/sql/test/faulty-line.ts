import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { postgresOptions } from './postgres-shop.ts'

export interface FaultyLine {
  readonly port: number
  /** The last message of the next answer is lost, and then the line. */
  loseEnd(): void
  /** Nothing goes through any more, and nobody hangs up. */
  fallSilent(): void
  /** All connections break. */
  break(): void
  /** Whether new ones break at once. */
  refuse(all: boolean): void
}

/** The length of what a server says when it is ready again. */
const ready = 6

/** A line to the server of this URL that breaks when it is told to; closed with the test. */
export async function openFaultyLine(url: string): Promise<FaultyLine> {
  const { host, path, port } = postgresOptions(url)
  const target = (path === undefined ? { host, port } : { path }) as NetConnectOpts
  const open = new Set<Socket>()
  let losesEnd = false
  let isSilent = false
  let refuses = false
  const server = createServer((near) => {
    if (refuses) return void near.resetAndDestroy()
    const far = connect(target)
    // What was silent stays so: others are opened anew.
    let isDead = false
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one)
      one.on('error', () => other.destroy()).on('close', () => open.delete(one) && other.destroy())
    }
    near.on('data', (bytes) => {
      isDead ||= isSilent
      if (!isDead) far.write(bytes)
    })
    far.on('data', (bytes) => {
      isDead ||= isSilent
      if (isDead) return
      if (!losesEnd) return void near.write(bytes)
      losesEnd = false
      near.write(bytes.subarray(0, -ready), () => near.end())
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const breakAll = (): void => {
    for (const each of open) each.destroy()
  }
  onTestFinished(() => {
    breakAll()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    break: breakAll,
    refuse(all) {
      refuses = all
    },
    loseEnd() {
      losesEnd = true
    },
    fallSilent() {
      isSilent = true
      setTimeout(() => {
        isSilent = false
      }, 300)
    },
  }
}
