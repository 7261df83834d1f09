import { startProxy } from './fleet/proxy.ts'
import type { FromProxy, ToProxy } from './fleet/proxy-process.ts'

const tell = (message: FromProxy): void => {
  process.send?.(message)
}

// Written by the fleet, which starts this process: see fleet/fleet.ts.
const port = Number(process.env['JOURNEY_PROXY_PORT'] ?? 0)
try {
  const proxy = await startProxy(port)
  // The owner is gone: so are we.
  process.on('disconnect', () => process.exit(0))
  process.on('SIGINT', () => undefined)
  process.on('message', (message: ToProxy) => {
    if (message.type === 'add') {
      proxy.add(message.port)
      tell({ type: 'done', id: message.id })
    } else {
      void proxy.remove(message.port).then(() => tell({ type: 'done', id: message.id }))
    }
  })
  tell({ type: 'ready', port: proxy.port })
} catch (error) {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') throw error
  tell({ type: 'refused', port, code: error.code })
}
