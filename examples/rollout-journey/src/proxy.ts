import { startProxy } from './fleet/proxy.ts'
import type { FromProxy, ToProxy } from './fleet/proxy-process.ts'

const proxy = await startProxy()
const tell = (message: FromProxy): void => {
  process.send?.(message)
}

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
