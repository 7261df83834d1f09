import type { IncomingMessage, ServerResponse } from 'node:http'
import { currentTenant } from '@partywall/context'
import { boundaryMiddleware, problemHandler } from '@partywall/http/express'
import { boundaryListener } from '@partywall/http/node'
import express from 'express'
import { expect, it } from 'vitest'
import { bearer, boundary, killSwitch, serve, until, watch } from './fixture.ts'

const open = { authenticator: undefined, publicRoutes: 'all', whenMissing: 'globex' } as const
const served = (_request: IncomingMessage, response: ServerResponse) =>
  response.end(currentTenant()?.tenantId)

it('refuses a request at a second boundary, whatever that one would say', async () => {
  const first = await boundary({ enforcement: killSwitch() })
  const second = await boundary(open)
  const mounts = [
    express().use(boundaryMiddleware(first)).use(boundaryMiddleware(first)).use(served),
    express().use(boundaryMiddleware(first)).use('/in', boundaryMiddleware(second)).use(served),
    boundaryListener(first, express().use(boundaryMiddleware(second)).use(served)),
    boundaryListener(first, boundaryListener(second, served)),
  ]
  for (const mount of mounts) {
    const events = watch()
    const { url } = await serve(mount)
    const headers = { 'x-tenant-id': 'acme', authorization: await bearer() }
    const answer = await fetch(`${url}/in`, { headers })
    expect(answer.status).toBe(500)
    expect(answer.headers.get('cache-control')).toContain('no-store')
    expect(await answer.json()).toMatchObject({ reason: 'http.mounted_twice' })
    await until(() => events.some(({ type }) => type === 'operation_ended'))
    expect(events.map(({ type }) => type)).toEqual([
      'operation_started',
      'fault',
      'operation_ended',
    ])
    expect(events[1]).toMatchObject({ surface: 'http', error: { code: 'http.mounted_twice' } })
    expect(events[2]).toMatchObject({ outcome: { failed: true, code: 'http.mounted_twice' } })
  }
})

it('refuses at the first boundary as if there were no second', async () => {
  const first = await boundary()
  const { url } = await serve(
    express()
      .use(boundaryMiddleware(first))
      .use(boundaryMiddleware(await boundary(open)))
      .use(served)
      .use(problemHandler()),
  )
  expect((await fetch(url)).status).toBe(400)
})

it('serves requests that reach one boundary each, by one or by two mounts', async () => {
  const first = await boundary()
  const app = express()
    .use('/a', boundaryMiddleware(first))
    .use('/b', boundaryMiddleware(first))
    .use(served)
  const { url } = await serve(app)
  const headers = { 'x-tenant-id': 'acme', authorization: await bearer() }
  for (const path of ['/a', '/b', '/a']) {
    expect(await (await fetch(url + path, { headers })).text()).toBe('acme')
  }
})
