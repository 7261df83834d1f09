import type { IncomingMessage } from 'node:http'
import { PartywallError, requireTenant } from '@partywall/context'
import { startOperation } from '@partywall/context/spi'
import { createBoundary } from '@partywall/http'
import { boundaryListener } from '@partywall/http/node'
import { expect, it } from 'vitest'
import { authenticator, bearer, boundary, raw, registry, serve, until, watch } from './fixture.ts'

const acme = async () => ({ 'x-tenant-id': 'acme', authorization: await bearer() })

it('refuses before the listener is called, and serves two tenants apart', async () => {
  const served: string[] = []
  const { url } = await serve(
    boundaryListener(await boundary(), async (_request, response) => {
      await new Promise((resolve) => setImmediate(resolve))
      served.push(requireTenant().tenantId)
      response.end(requireTenant().tenantId)
    }),
  )
  expect((await fetch(url)).status).toBe(400)
  expect((await fetch(url, { headers: { 'x-tenant-id': 'acme' } })).status).toBe(401)
  expect(served).toEqual([])
  const globex = { 'x-tenant-id': 'globex', authorization: await bearer({ issuer: 'theirs' }) }
  const answers = [await acme(), globex, await acme()].map((headers) => fetch(url, { headers }))
  const bodies = await Promise.all(answers.map(async (answer) => (await answer).text()))
  expect(bodies).toEqual(['acme', 'globex', 'acme'])
})

it('refuses a request whose fields were changed on the way, and one at the limit of fields', async () => {
  const door = boundaryListener(await boundary(), (_request, response) => response.end('in'))
  const { url, port, server } = await serve((request, response) => {
    if (request.url === '/changed') request.headers['x-tenant-id'] = 'globex'
    if (request.url === '/added') request.headers['x-tenant-id'] = 'acme'
    if (request.url === '/removed') delete request.headers['x-tenant-id']
    door(request, response)
  })
  const reason = async (path: string, headers: Record<string, string>) =>
    ((await (await fetch(url + path, { headers })).json()) as { reason: string }).reason
  expect(await reason('/changed', await acme())).toBe('request.invalid')
  expect(await reason('/added', { authorization: await bearer() })).toBe('request.invalid')
  expect(await reason('/removed', await acme())).toBe('request.invalid')

  const isRefused = ([status, body]: readonly unknown[]) =>
    status === 431 || (status === 400 && String(body).includes('request.invalid'))
  const authorization = await bearer()
  const padding = (count: number) =>
    Array.from({ length: count }, (_, at) => `a${at}: b\r\n`).join('')
  const send = (count: number) =>
    `GET / HTTP/1.1\r\nHost: a\r\nX-Tenant-Id: acme\r\nAuthorization: ${authorization}\r\n${padding(count)}X-Tenant-Id: globex\r\n\r\n`
  const [within] = await raw(port, send(900))
  expect(within?.body).toContain('tenant.invalid')
  // Here the second tenant is among the fields that Node 20 drops; later ones answer 431 themselves.
  const [above] = await raw(port, send(1100))
  expect([above?.status, above?.body]).toSatisfy(isRefused)
  server.maxHeadersCount = 10
  const [lower] = await raw(port, send(20))
  expect([lower?.status, lower?.body]).toSatisfy(isRefused)
})

it('answers errors of ours, thrown or rejected, and leaves answers that have begun', async () => {
  const { url } = await serve(
    boundaryListener(await boundary(), (request, response) => {
      const error = new PartywallError('TENANT_CONTEXT_REQUIRED', 'TENANT_CONTEXT_REQUIRED: User')
      if (request.url === '/thrown') throw error
      response.setHeader('Set-Cookie', 'a=b')
      return Promise.reject(error)
    }),
  )
  for (const path of ['/thrown', '/rejected']) {
    const answer = await fetch(url + path, { headers: await acme() })
    expect(answer.status).toBe(500)
    expect(answer.headers.get('set-cookie')).toBeNull()
    expect(await answer.json()).toMatchObject({
      reason: 'TENANT_CONTEXT_REQUIRED',
      detail: 'TENANT_CONTEXT_REQUIRED',
    })
  }
})

it('admits nobody while its own lookup fails, and tells of the fault', async () => {
  const events = watch()
  const broken = createBoundary({
    environment: 'prod',
    lookup: {
      ...(await registry()),
      find: () => {
        throw new Error('no memory left')
      },
    },
    sources: { header: 'x-tenant-id' },
    authenticator: authenticator(),
    enforcement: 'no_kill_switch',
  })
  const { url } = await serve(boundaryListener(broken, (_request, response) => response.end('in')))
  const answer = await fetch(url, { headers: await acme() })
  expect(answer.status).toBe(500)
  expect(await answer.json()).toMatchObject({ reason: 'boundary.fault' })
  expect(events.filter((event) => event.type === 'fault')).toHaveLength(1)
})

it('tells the endpoint that it is given, late', async () => {
  const events = watch()
  const patterns = new WeakMap<IncomingMessage, string>()
  const listener = boundaryListener(
    await boundary(),
    (request, response) => {
      patterns.set(request, '/orders/:id')
      response.end()
    },
    { endpoint: (request) => patterns.get(request) },
  )
  const { url } = await serve(listener)
  await (await fetch(`${url}/orders/7`, { headers: await acme() })).text()
  await until(() => events.some((event) => event.type === 'operation_ended'))
  const end = events.find((event) => event.type === 'operation_ended')
  expect(end?.operation.endpoint).toBe('/orders/:id')
  expect(startOperation({ kind: 'job', endpoint: () => undefined }).operation.endpoint).toBe(
    'unmatched',
  )
})

it.each([
  ['a map', { 'Cache-Control': 'public', Vary: 'Accept' }, undefined],
  ['a flat list', ['Cache-Control', 'public', 'Vary', 'Accept', 'X-A', '1', 'X-A', '2'], '1, 2'],
])('keeps answers private that write their head themselves, from %s', async (_, head, list) => {
  const { url } = await serve(
    boundaryListener(await boundary(), (_request, response) => {
      response.setHeader('Vary', '*, Origin')
      response.writeHead(201, 'Made', head as Record<string, string>)
      response.end()
    }),
  )
  const answer = await fetch(url, { headers: await acme() })
  expect([answer.status, answer.statusText]).toEqual([201, 'Made'])
  expect(answer.headers.get('cache-control')).toBe('private')
  expect(answer.headers.get('vary')).toBe('Accept, x-tenant-id, authorization')
  expect(answer.headers.get('x-a')).toBe(list ?? null)
})

it.each([
  [undefined, 'private'],
  ['no-store', 'no-store'],
  ['max-age=5, S-MaxAge = 9, Public', 'private, max-age=5'],
  ['private, max-age=5', 'private, max-age=5'],
])('turns Cache-Control %s into %s', async (own, expected) => {
  const { url } = await serve(
    boundaryListener(await boundary(), (_request, response) => {
      if (own !== undefined) response.setHeader('cache-control', own)
      response.setHeader('Vary', ['Origin', 'Authorization'])
      response.end()
    }),
  )
  const answer = await fetch(url, { headers: await acme() })
  expect(answer.headers.get('cache-control')).toBe(expected)
  expect(answer.headers.get('vary')).toBe('Origin, Authorization, x-tenant-id')
})
