import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { OperationEndedEvent } from '@partywall/context'
import { boundaryListener } from '@partywall/http/node'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bearer, boundary, serve, until, watch } from './fixture.ts'

interface Meeting {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** The client's end of the connection. */
  readonly client: Socket
  readonly closeAll: () => void
}

/** Sends a request that the work does not answer, lets something happen, and tells how it ended. */
async function endOf(
  happen: (meeting: Meeting) => void,
  { method = 'GET', body = '' }: { readonly method?: string; readonly body?: string } = {},
): Promise<OperationEndedEvent['outcome'] | undefined> {
  const events = watch()
  let met: Omit<Meeting, 'client' | 'closeAll'> | undefined
  const { port, server } = await serve(
    boundaryListener(await boundary(), (request, response) => {
      met = { request, response }
    }),
  )
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  client.on('error', () => undefined)
  client.resume()
  onTestFinished(() => void client.destroy())
  client.write(
    `${method} / HTTP/1.1\r\nHost: a\r\nX-Tenant-Id: acme\r\nAuthorization: ${await bearer()}\r\n${body}\r\n`,
  )
  await until(() => met !== undefined)
  if (met === undefined) return undefined
  happen({ ...met, client, closeAll: () => server.closeAllConnections() })
  const ended = () => events.filter((event) => event.type === 'operation_ended')
  await until(() => ended().length > 0)
  expect(ended()).toHaveLength(1)
  return ended()[0]?.outcome
}

const chunked = { method: 'POST', body: 'Transfer-Encoding: chunked\r\n' }

describe('is nobody’s failure: a client that', () => {
  it.each<[string, (meeting: Meeting) => void]>([
    ['closes its end', ({ client }) => client.end()],
    ['closes the connection', ({ client }) => client.destroy()],
    ['resets the connection', ({ client }) => client.resetAndDestroy()],
    ['sends something after its request that is none', ({ client }) => client.write('no\r\n\r\n')],
  ])('%s', async (_, happen) => {
    expect(await endOf(happen)).toEqual({ failed: false })
  })

  it.each<[string, (meeting: Meeting) => void]>([
    ['goes away in the middle of its body', ({ client }) => client.destroy()],
    ['sends a body that cannot be read', ({ client }) => client.write('no length\r\n')],
  ])('%s', async (_, happen) => {
    expect(await endOf(happen, chunked)).toEqual({ failed: false })
  })
})

describe('is a failure: a server that', () => {
  // As a proxy passes on the error of its own upstream.
  const upstream = Object.assign(new Error('read'), { code: 'ECONNRESET', syscall: 'read' })

  it.each<[string, (meeting: Meeting) => void]>([
    ['destroys the response', ({ response }) => response.destroy()],
    ['destroys it with an error', ({ response }) => response.destroy(upstream)],
    ['destroys the connection', ({ request }) => request.socket.destroy()],
    ['closes all connections', ({ closeAll }) => closeAll()],
    [
      'gives up after its timeout',
      ({ request }) => {
        request.socket.setTimeout(1)
      },
    ],
  ])('%s', async (_, happen) => {
    expect(await endOf(happen)).toEqual({ failed: true })
  })

  it.each<[string, (meeting: Meeting) => void]>([
    ['destroys a request', ({ request }) => request.destroy()],
    ['destroys a connection', ({ request }) => request.socket.destroy()],
  ])('%s that it has not read', async (_, happen) => {
    expect(await endOf(happen, chunked)).toEqual({ failed: true })
  })
})

it('leaves an answer that has begun with its status, whoever hangs up', async () => {
  const begun = { status: 200, failed: false }
  const begin = ({ response }: Meeting): void => {
    response.write('some')
  }
  expect(
    await endOf((meeting) => {
      begin(meeting)
      meeting.response.destroy()
    }),
  ).toEqual(begun)
  expect(
    await endOf((meeting) => {
      begin(meeting)
      meeting.client.destroy()
    }),
  ).toEqual(begun)
})

it('tells requests apart that wait on one connection', async () => {
  const events = watch()
  const waiting: ServerResponse[] = []
  const { port } = await serve(
    boundaryListener(await boundary(), (_request, response) => {
      waiting.push(response)
    }),
  )
  const warnings: Error[] = []
  const warn = (warning: Error): void => {
    warnings.push(warning)
  }
  process.on('warning', warn)
  onTestFinished(() => void process.off('warning', warn))
  const client = connect(port, '127.0.0.1')
  client.resume()
  const authorization = await bearer()
  const one = `GET / HTTP/1.1\r\nHost: a\r\nX-Tenant-Id: acme\r\nAuthorization: ${authorization}\r\n\r\n`
  client.write(one.repeat(20))
  await until(() => waiting.length === 20)
  waiting[0]?.end('in')
  client.destroy()
  const ended = () => events.filter((event) => event.type === 'operation_ended')
  await until(() => ended().length === 20)
  expect(ended().filter(({ outcome }) => outcome.failed)).toEqual([])
  expect(warnings).toEqual([])
})

it('ends the operation of a request whose client left before the boundary', async () => {
  const events = watch()
  const door = boundaryListener(await boundary(), (_request, response) => response.end())
  const server = createServer((request, response) => {
    client.destroy()
    response.once('close', () => {
      door(request, response)
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => new Promise((resolve) => void server.close(() => resolve())))
  const address = server.address()
  const client = connect(typeof address === 'object' ? (address?.port ?? 0) : 0, '127.0.0.1')
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await until(() => events.some(({ type }) => type === 'operation_ended'))
  expect(events.filter(({ type }) => type === 'operation_ended')).toHaveLength(1)
})
