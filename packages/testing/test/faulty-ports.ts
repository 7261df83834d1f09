import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'
import { expect, onTestFinished } from 'vitest'

export async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** A port of this machine where nobody listens: whoever connects is refused. */
export async function closedPort(): Promise<number> {
  const server = createServer()
  const port = await portOf(server)
  server.close()
  await once(server, 'close')
  await expect(once(connect(port, '127.0.0.1'), 'connect')).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  })
  return port
}

/** A server that accepts whoever comes and never says a word; and how many bytes it was told. */
export async function silentServer(): Promise<{ readonly port: number; heard(): number }> {
  let bytes = 0
  const server = createServer((socket) => {
    socket
      .on('error', () => undefined)
      .on('data', (chunk) => {
        bytes += chunk.length
      })
  })
  onTestFinished(() => void server.close())
  const port = await portOf(server)
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.destroy()
  return { port, heard: () => bytes }
}
