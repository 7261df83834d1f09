import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export type ToProxy = {
  readonly type: 'add' | 'remove'
  readonly id: number
  readonly port: number
}

export type FromProxy =
  | { readonly type: 'ready'; readonly port: number }
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
  const port = await new Promise<number>((resolve, reject) => {
    child.on('message', (message: FromProxy) => {
      if (message.type === 'ready') resolve(message.port)
      else {
        waiting.get(message.id)?.()
        waiting.delete(message.id)
      }
    })
    child.once('close', () => reject(new Error('the proxy did not start')))
  })
  const order = (type: ToProxy['type'], target: number): Promise<void> =>
    new Promise((resolve) => {
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
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
    },
  }
}
