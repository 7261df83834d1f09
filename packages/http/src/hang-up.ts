import { type EventEmitter, errorMonitor } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Who ended a connection on which an answer was still due. */
export type HangUp = 'client' | 'server'

/** An answer that is due. */
interface Due {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** What had been written on the connection before. */
  readonly bytesBefore: number
  readonly tell: (by: HangUp) => void
  by?: HangUp
}

const connections = new WeakMap<Socket, Set<Due>>()

/**
 * Tells once who hung up, if the connection closes before the response does. A client that ends or
 * resets it, or whose request Node itself refused in the middle (broken, too slow), has left; what
 * the application destroyed, or a timeout of the server, is the server's doing.
 */
export function onHangUp(
  request: IncomingMessage,
  response: ServerResponse,
  tell: (by: HangUp) => void,
): void {
  const { socket } = request
  // It was closed before anybody could watch.
  if (socket.destroyed) {
    tell('client')
    return
  }
  const dues = connections.get(socket) ?? watch(socket)
  const due: Due = { request, response, bytesBefore: socket.bytesWritten, tell }
  dues.add(due)
  response.once('close', () => {
    dues.delete(due)
  })
}

/** One set of listeners for each connection, however many requests come by it. */
function watch(socket: Socket): Set<Due> {
  const dues = new Set<Due>()
  connections.set(socket, dues)
  // Each of these runs before Node's own listener: that one marks requests and responses as
  // destroyed, and then nobody could tell any more who did it.
  const left = (): void => {
    for (const due of dues) due.by ??= isDestroyed(due) ? 'server' : 'client'
  }
  socket.prependOnceListener('end', left)
  const emitter: EventEmitter = socket
  emitter.on(errorMonitor, (error: Error) => {
    // An error of the connection itself, not one that it was destroyed with.
    if ('syscall' in error) left()
  })
  socket.prependOnceListener('close', () => {
    for (const due of dues) due.tell(due.by ?? whoClosed(due, socket))
  })
  return dues
}

function isDestroyed({ request, response }: Due): boolean {
  // A complete request counts as destroyed when it is read, and closes nothing.
  return response.destroyed || (request.destroyed && !request.complete)
}

function whoClosed(due: Due, socket: Socket): HangUp {
  if (isDestroyed(due)) return 'server'
  // Node answers what it cannot read or wait for on the connection itself, past the response.
  const answeredPast = socket.bytesWritten > due.bytesBefore && !due.response.headersSent
  return answeredPast ? 'client' : 'server'
}
