import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { PartywallError } from '@partywall/context'

export type ToProxy = {
  readonly type: 'add' | 'remove'
  readonly id: number
  readonly port: number
}

export type FromProxy =
  | { readonly type: 'ready'; readonly port: number }
  /** It cannot listen there; `code` is the system's. */
  | { readonly type: 'refused'; readonly port: number; readonly code: string }
  | { readonly type: 'done'; readonly id: number }

/** The proxy, in a process of its own. */
export interface ProxyProcess {
  readonly port: number
  /** From now on the instance at this port gets requests. */
  add(port: number): Promise<void>
  /** From now on it gets none; resolves when those under way are answered. */
  remove(port: number): Promise<void>
  stop(): Promise<void>
}

export async function startProxyProcess(
  environment: Readonly<Record<string, string>>,
  entry: URL,
): Promise<ProxyProcess> {
  const child = fork(fileURLToPath(entry), [], {
    env: { ...environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const waiting = new Map<number, () => void>()
  let orders = 0
  // Not its `close`, which never comes where this side has ended the channel.
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
  })
  const port = await new Promise<number>((resolve, reject) => {
    child.on('message', (message: FromProxy) => {
      if (message.type === 'ready') resolve(message.port)
      else if (message.type === 'refused') reject(portRefused(message))
      else {
        waiting.get(message.id)?.()
        waiting.delete(message.id)
      }
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error('the proxy did not start')))
  })
  // Whatever cannot be sent any more shows in its end, which answers all who wait.
  child.on('error', () => undefined)
  child.once('exit', () => {
    for (const resolve of waiting.values()) resolve()
    waiting.clear()
  })
  const order = (type: ToProxy['type'], target: number): Promise<void> =>
    new Promise((resolve) => {
      if (!child.connected) {
        resolve()
        return
      }
      orders += 1
      waiting.set(orders, resolve)
      const message: ToProxy = { type, id: orders, port: target }
      child.send(message)
    })
  return {
    port,
    add: (target) => order('add', target),
    remove: (target) => order('remove', target),
    async stop() {
      if (child.connected) child.disconnect()
      await gone
    },
  }
}

function portRefused({ port, code }: Extract<FromProxy, { type: 'refused' }>): PartywallError {
  const what =
    code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be listened on (${code})`
  return new PartywallError(
    'journey.port_refused',
    `port ${port} of 127.0.0.1 ${what}: choose another one with --port, or leave --port out to take any that is free`,
  )
}
