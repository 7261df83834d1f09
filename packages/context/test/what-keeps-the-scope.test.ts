import { EventEmitter, once } from 'node:events'
import { createServer, get } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { bindTenant, createTenantContext, currentTenant, runWithTenant } from '@partywall/context'
import { describe, expect, it } from 'vitest'

const acme = createTenantContext({ tenantId: 'acme', env: 'prod' })
const globex = createTenantContext({ tenantId: 'globex', env: 'prod' })
const here = (): string => currentTenant()?.tenantId ?? 'none'

/**
 * Each case registers a callback for acme and lets globex set it off. `acme`: the scope is kept;
 * `globex`: it belongs to whoever fires, so bind it; `none`: it is lost, so bind it or pass it on.
 */
const cases: readonly [string, string, () => Promise<string>][] = [
  ['await', 'acme', () => runWithTenant(acme, () => sleepShortly().then(here))],
  ['setTimeout', 'acme', () => runWithTenant(acme, () => later((done) => setTimeout(done, 1)))],
  ['setImmediate', 'acme', () => runWithTenant(acme, () => later(setImmediate))],
  ['process.nextTick', 'acme', () => runWithTenant(acme, () => later(process.nextTick))],
  ['queueMicrotask', 'acme', () => runWithTenant(acme, () => later(queueMicrotask))],
  [
    'a promise settled by another tenant',
    'acme',
    async () => {
      let settle: () => void = () => undefined
      const gate = new Promise<void>((resolve) => {
        settle = resolve
      })
      const waiting = runWithTenant(acme, () => gate.then(here))
      runWithTenant(globex, settle)
      return waiting
    },
  ],
  ['promisify', 'acme', () => runWithTenant(acme, () => promisify(setImmediate)().then(here))],
  [
    'an EventEmitter',
    'globex',
    async () => {
      const emitter = new EventEmitter()
      let seen = 'never'
      runWithTenant(acme, () => emitter.on('x', () => (seen = here())))
      runWithTenant(globex, () => emitter.emit('x'))
      return seen
    },
  ],
  [
    'an EventEmitter with bindTenant',
    'acme',
    async () => {
      const emitter = new EventEmitter()
      let seen = 'never'
      runWithTenant(acme, () =>
        emitter.on(
          'x',
          bindTenant(() => (seen = here())),
        ),
      )
      runWithTenant(globex, () => emitter.emit('x'))
      return seen
    },
  ],
  [
    'events.once',
    'acme',
    async () => {
      const emitter = new EventEmitter()
      const waiting = runWithTenant(acme, () => once(emitter, 'x').then(here))
      runWithTenant(globex, () => emitter.emit('x'))
      return waiting
    },
  ],
  [
    'an EventTarget',
    'globex',
    async () => {
      const target = new EventTarget()
      let seen = 'never'
      runWithTenant(acme, () => target.addEventListener('x', () => (seen = here())))
      runWithTenant(globex, () => target.dispatchEvent(new Event('x')))
      return seen
    },
  ],
  [
    'an AbortSignal',
    'globex',
    async () => {
      const controller = new AbortController()
      let seen = 'never'
      runWithTenant(acme, () => controller.signal.addEventListener('abort', () => (seen = here())))
      runWithTenant(globex, () => controller.abort())
      return seen
    },
  ],
  [
    'a batcher that flushes for whoever came first',
    'globex',
    async () => {
      const batch: (() => void)[] = []
      const load = (): Promise<string> =>
        new Promise((resolve) => {
          if (batch.push(() => resolve(here())) === 1) {
            setImmediate(() => {
              for (const flush of batch) flush()
            })
          }
        })
      const [, second] = await Promise.all([runWithTenant(globex, load), runWithTenant(acme, load)])
      return second
    },
  ],
  [
    'a pool waiter served by the release of another',
    'globex',
    async () => {
      const waiters: (() => void)[] = []
      const waiting = new Promise<string>((resolve) => {
        runWithTenant(acme, () => waiters.push(() => resolve(here())))
      })
      runWithTenant(globex, () => waiters.shift()?.())
      return waiting
    },
  ],
  [
    'for await over a stream',
    'acme',
    () =>
      runWithTenant(acme, async () => {
        const seen = new Set<string>()
        for await (const _ of Readable.from(['a', 'b'])) seen.add(here())
        return [...seen].join()
      }),
  ],
  [
    'two requests on one keep-alive connection',
    'none,none',
    async () => {
      const seen: string[] = []
      const server = createServer((request, response) => {
        seen.push(here())
        runWithTenant(request.url === '/acme' ? acme : globex, () => response.end('ok'))
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
      for (const name of ['acme', 'globex']) {
        socket.write(`GET /${name} HTTP/1.1\r\nHost: test\r\n\r\n`)
        await once(socket, 'data')
      }
      socket.destroy()
      server.close()
      return seen.join()
    },
  ],
  [
    'an outgoing HTTP request',
    'acme',
    async () => {
      const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const seen = await runWithTenant(acme, () =>
        later((done) =>
          get({ port, host: '127.0.0.1', agent: false }, (res) => res.resume().on('end', done)),
        ),
      )
      server.close()
      return seen
    },
  ],
  [
    'a worker thread',
    'none',
    () =>
      runWithTenant(acme, async () => {
        const probe = `const { AsyncLocalStorage } = require('node:async_hooks')
          const slot = globalThis[Symbol.for('partywall.context/0')]
          require('node:worker_threads').parentPort.postMessage(slot?.getStore() ?? 'none')`
        const [message] = await once(new Worker(probe, { eval: true }), 'message')
        return String(message)
      }),
  ],
]

function later(schedule: (done: () => void) => unknown): Promise<string> {
  return new Promise((resolve) => {
    schedule(() => resolve(here()))
  })
}

function sleepShortly(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1))
}

describe('what keeps, loses or mixes up the scope', () => {
  it.each(cases)('%s: %s', async (_, expected, run) => {
    expect(await run()).toBe(expected)
  })
})
