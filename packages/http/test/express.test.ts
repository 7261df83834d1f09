import { Agent, get as httpGet } from 'node:http'
import {
  currentOperation,
  currentTenant,
  PartywallError,
  requireTenant,
  runWithTenant,
} from '@partywall/context'
import { requireRole, requireScope } from '@partywall/http'
import { boundaryMiddleware, problemHandler } from '@partywall/http/express'
import { createRegistry, memory, type TenantInit } from '@partywall/registry'
import express5, { type ErrorRequestHandler } from 'express'
// @ts-expect-error only version 5 comes with types
import untyped from 'express4'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  authenticator,
  bearer,
  boundary,
  killSwitch,
  raw,
  serve,
  tenants,
  until,
  watch,
} from './fixture.ts'

// What is used here has the same types in both versions.
const express4 = untyped as typeof express5

const problem = (status: number, title: string, reason: string): unknown => ({
  type: 'about:blank',
  title,
  status,
  reason,
  detail: reason,
})

describe.each([
  ['4.18', express4],
  ['5', express5],
])('Express %s', (_, express) => {
  function app(door: Parameters<typeof boundaryMiddleware>[0]) {
    const it = express()
    it.use(boundaryMiddleware(door))
    it.use(express.json())
    it.get('/whoami', async (_request, response) => {
      await new Promise((resolve) => setImmediate(resolve))
      const { tenantId, userId, issuer, role, scopes, env, source } = requireTenant()
      response.json({ tenantId, userId, issuer, role, scopes, env, source })
    })
    it.post('/echo', (request, response) => {
      response.json({ tenantId: requireTenant().tenantId, body: request.body })
    })
    it.post('/login', (_request, response) => {
      const { tenantId, userId } = requireTenant()
      response.json({ tenantId, userId })
    })
    const users = express.Router()
    users.get('/:id', (_request, response) => {
      response.json({ endpoint: currentOperation()?.endpoint })
    })
    users.get('/:id/leak', () => {
      throw new PartywallError('TENANT_CONTEXT_REQUIRED', 'TENANT_CONTEXT_REQUIRED: User')
    })
    const orgs = express.Router()
    orgs.use('/users', users)
    orgs.use('/plan', express.Router())
    orgs.get('/plan', (_request, response) => {
      response.end()
    })
    it.use('/orgs/:org', orgs)
    it.get('/leak', () => {
      throw new PartywallError('TENANT_CONTEXT_REQUIRED', 'TENANT_CONTEXT_REQUIRED: User')
    })
    it.get('/lost', () => {
      throw new PartywallError('tenant.missing', 'no tenant')
    })
    it.get('/job', (_request, _response, next) => {
      next(new PartywallError('tenancy.disabled', 'off'))
    })
    it.get('/owners', (_request, response) => {
      response.json({ role: requireRole('owner').role })
    })
    it.get('/admins', (_request, response) => {
      response.json({ role: requireRole('admin').role })
    })
    it.get('/ops', (_request, response) => {
      response.json({ scopes: requireScope('ops:read').scopes })
    })
    it.get('/foreign', () => {
      throw new Error('a secret')
    })
    it.get('/half', (_request, response, next) => {
      response.write('some')
      next(new PartywallError('TENANT_CONTEXT_REQUIRED', 'TENANT_CONTEXT_REQUIRED: User'))
    })
    it.get('/cached', (_request, response) => {
      response.set({ 'Cache-Control': 'public, max-age=60, s-maxage=600', Vary: 'Accept' })
      response.send('x')
    })
    it.use(problemHandler())
    const last: ErrorRequestHandler = (_error, _request, response, _next) => {
      if (response.headersSent) response.destroy()
      else response.status(500).end('last resort')
    }
    it.use(last)
    return it
  }
  const acme = async () => ({ 'x-tenant-id': 'acme', authorization: await bearer() })

  it('refuses with problem details that no cache keeps and that echo nothing', async () => {
    const { url } = await serve(app(await boundary()))
    for (const [headers, status, title, reason] of [
      [{}, 400, 'Bad Request', 'tenant.missing'],
      [{ 'x-tenant-id': '<script>' }, 400, 'Bad Request', 'tenant.invalid'],
      [{ 'x-tenant-id': 'nobody-here' }, 403, 'Forbidden', 'tenant.unknown'],
      [{ 'x-tenant-id': 'closed' }, 403, 'Forbidden', 'tenant.unknown'],
      [{ 'x-tenant-id': 'acme' }, 401, 'Unauthorized', 'identity.missing'],
      [
        { 'x-tenant-id': 'acme', authorization: 'Bearer x' },
        401,
        'Unauthorized',
        'identity.invalid',
      ],
      [
        { 'x-tenant-id': 'globex', authorization: await bearer() },
        403,
        'Forbidden',
        'membership.missing',
      ],
      [
        { 'x-tenant-id': 'acme', authorization: await bearer({ tenant: 'globex' }) },
        403,
        'Forbidden',
        'tenant.mismatch',
      ],
    ] as const) {
      const answer = await fetch(`${url}/whoami`, { headers })
      expect(answer.status).toBe(status)
      expect(await answer.json()).toEqual(problem(status, title, reason))
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(answer.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null)
      expect(JSON.stringify([...answer.headers])).not.toContain('script')
    }
  })

  it('serves two tenants, and two people of one name, each in a scope of their own', async () => {
    const { url } = await serve(app(await boundary()))
    const ask = async (headers: Record<string, string>, path = '/whoami') =>
      (await fetch(url + path, { headers })).json()
    expect(await ask(await acme())).toEqual({
      tenantId: 'acme',
      userId: 'anna',
      issuer: 'https://ours.example',
      role: 'owner',
      scopes: ['ops:read'],
      env: 'prod',
      source: 'header',
    })
    const theirs = { authorization: await bearer({ issuer: 'theirs' }) }
    expect(await ask(theirs, '/whoami?tenant=globex')).toMatchObject({
      tenantId: 'globex',
      issuer: 'https://theirs.example',
      role: 'admin',
      source: 'query',
    })
    expect(currentTenant()).toBeUndefined()
  })

  it('lets nobody choose a status but the operator for tenants that are not there', async () => {
    const { url } = await serve(app(await boundary({ unknownTenantStatus: 400 })))
    const answer = await fetch(`${url}/whoami`, { headers: { 'x-tenant-id': 'nobody-here' } })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toEqual(problem(400, 'Bad Request', 'tenant.unknown'))
  })

  it('sees duplicate fields that the parsed headers hide', async () => {
    const { port } = await serve(app(await boundary()))
    const token = await bearer()
    const send = (...fields: readonly string[]) =>
      `GET /whoami HTTP/1.1\r\nHost: a\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`
    const [tenantTwice, sameTwice, tokenTwice, dropped, bodyless, fine] = await raw(
      port,
      send('X-Tenant-Id: acme', 'x-tenant-id: globex', `Authorization: ${token}`),
      send('X-Tenant-Id: acme', 'X-Tenant-Id: acme', `Authorization: ${token}`),
      send('X-Tenant-Id: acme', `Authorization: ${token}`, `Authorization: ${token}`),
      send('X-Tenant-Id: acme', 'Connection: keep-alive, x-tenant-id', `Authorization: ${token}`),
      send('X-Tenant-Id:', `Authorization: ${token}`),
      send('X-Tenant-Id: acme', `Authorization: ${token}`),
    )
    expect(tenantTwice?.body).toContain('"reason":"tenant.invalid"')
    expect(sameTwice?.body).toContain('"reason":"tenant.invalid"')
    expect(tokenTwice?.body).toContain('"reason":"identity.invalid"')
    expect(dropped?.body).toContain('"reason":"request.invalid"')
    expect(bodyless?.body).toContain('"reason":"tenant.invalid"')
    expect(fine?.status).toBe(200)
  })

  it('never takes the tenant from the body', async () => {
    const { url } = await serve(app(await boundary()))
    const body = JSON.stringify({ tenant: 'globex', tenant_id: 'globex' })
    const json = { 'content-type': 'application/json', authorization: await bearer() }
    const without = await fetch(`${url}/echo`, { method: 'POST', body, headers: json })
    expect(without.status).toBe(400)
    const headers = { ...json, 'x-tenant-id': 'acme' }
    const answer = await fetch(`${url}/echo`, { method: 'POST', body, headers })
    expect(await answer.json()).toMatchObject({ tenantId: 'acme' })
  })

  it('gives a public route its tenant, and nobody in it', async () => {
    const { url } = await serve(app(await boundary()))
    const login = (headers: Record<string, string>) =>
      fetch(`${url}/login`, { method: 'POST', headers })
    expect((await login({})).status).toBe(400)
    const stale = await bearer({ expiresAt: 1 })
    const answer = await login({ 'x-tenant-id': 'globex', authorization: stale })
    expect(await answer.json()).toEqual({ tenantId: 'globex' })
    expect(
      (await fetch(`${url}/login/`, { method: 'POST', headers: { 'x-tenant-id': 'acme' } })).status,
    ).toBe(401)
  })

  it('closes to every tenant but the default while the kill switch is on, known or not', async () => {
    const enforcement = killSwitch()
    const { url } = await serve(app(await boundary({ enforcement })))
    const ask = async (id: string) => {
      const headers = { 'x-tenant-id': id, authorization: await bearer() }
      const answer = await fetch(`${url}/whoami`, { headers })
      return { status: answer.status, body: await answer.text() }
    }
    expect((await ask('acme')).status).toBe(200)
    enforcement.on = true
    const closed = await ask('acme')
    expect(closed.status).toBe(501)
    expect(JSON.parse(closed.body)).toEqual(problem(501, 'Not Implemented', 'tenancy.disabled'))
    expect(await ask('globex')).toEqual(closed)
    expect(await ask('nobody-here')).toEqual(closed)
    expect(await ask('closed')).toEqual(closed)
    expect((await ask('default')).status).toBe(200)
    enforcement.on = false
    expect((await ask('acme')).status).toBe(200)
  })

  it('answers errors of ours without a model name, and leaves all others alone', async () => {
    const { url } = await serve(app(await boundary()))
    const headers = await acme()
    const leak = await fetch(`${url}/leak`, { headers })
    expect(leak.status).toBe(500)
    expect(leak.headers.get('content-type')).toBe('application/problem+json')
    expect(await leak.json()).toEqual(
      problem(500, 'Internal Server Error', 'TENANT_CONTEXT_REQUIRED'),
    )
    const lost = await fetch(`${url}/lost`, { headers })
    expect(await lost.json()).toEqual(problem(500, 'Internal Server Error', 'tenant.missing'))
    expect((await fetch(`${url}/job`, { headers })).status).toBe(501)
    const foreign = await fetch(`${url}/foreign`, { headers })
    expect([foreign.status, await foreign.text()]).toEqual([500, 'last resort'])
    await expect(fetch(`${url}/half`, { headers }).then((it) => it.text())).rejects.toThrow()
  })

  it('asks for a role and a scope of the tenant it is in, not of another', async () => {
    const { url } = await serve(app(await boundary()))
    const statuses = async (headers: Record<string, string>) => {
      const answers = ['/owners', '/admins', '/ops'].map((path) => fetch(url + path, { headers }))
      return (await Promise.all(answers)).map((answer) => answer.status)
    }
    const events = watch()
    expect(await statuses(await acme())).toEqual([200, 200, 200])
    expect(events.filter((event) => event.type === 'refusal')).toEqual([])
    const ben = { 'x-tenant-id': 'acme', authorization: await bearer({ subject: 'ben' }) }
    expect(await statuses(ben)).toEqual([403, 403, 403])
    const refusals = events.filter((event) => event.type === 'refusal')
    expect(refusals.map(({ code }) => code).sort()).toEqual([
      'role.forbidden',
      'role.forbidden',
      'scope.forbidden',
    ])
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({ status: 403, tenantId: 'acme', userId: 'ben' })
      expect(refusal.operation?.kind).toBe('request')
    }
    const admin = { 'x-tenant-id': 'globex', authorization: await bearer({ issuer: 'theirs' }) }
    expect(await statuses(admin)).toEqual([403, 200, 200])
    const elsewhere = { 'x-tenant-id': 'default', authorization: await bearer() }
    expect(await statuses(elsewhere)).toEqual([403, 403, 403])
  })

  it('keeps answers from shared caches, whatever the application said', async () => {
    const { url } = await serve(app(await boundary()))
    const plain = await fetch(`${url}/whoami`, { headers: await acme() })
    expect(plain.headers.get('cache-control')).toBe('private')
    expect(plain.headers.get('vary')).toBe('x-tenant-id, authorization')
    const cached = await fetch(`${url}/cached`, { headers: await acme() })
    expect(cached.headers.get('cache-control')).toBe('private, max-age=60')
    expect(cached.headers.get('vary')).toBe('Accept, x-tenant-id, authorization')
  })

  it('counts each request once, with the pattern of its route and never its URL', async () => {
    const { url } = await serve(app(await boundary()))
    const events = watch()
    const headers = await acme()
    const ended = () => events.filter((event) => event.type === 'operation_ended')
    const seen = async (path: string, more: Record<string, string> = headers) => {
      const before = ended().length
      const answer = await fetch(url + path, { headers: more })
      const body = await answer.text()
      await until(() => ended().length > before)
      const { operation, outcome } = ended()[before] ?? {}
      return { endpoint: operation?.endpoint, method: operation?.method, ...outcome, body }
    }
    const user = await seen('/orgs/acme/users/7?tenant=acme')
    expect(user).toMatchObject({
      method: 'GET',
      endpoint: '/orgs/:org/users/:id',
      status: 200,
      failed: false,
    })
    expect(JSON.parse(user.body)).toEqual({ endpoint: '/orgs/:org/users/:id' })
    expect(await seen('/orgs/a%2Fb/users/7')).toMatchObject({ endpoint: '/orgs/:org/users/:id' })
    // Through a router that does not answer, and out of it again.
    expect(await seen('/orgs/acme/plan')).toMatchObject({ endpoint: '/orgs/:org/plan' })
    expect(await seen('/orgs/users/users/users')).toMatchObject({
      endpoint: '/orgs/:org/users/:id',
    })
    expect(await seen('/orgs/acme/users/7/leak')).toMatchObject({
      endpoint: '/orgs/:org/users/:id/leak',
      code: 'TENANT_CONTEXT_REQUIRED',
    })
    expect(await seen('/nothing/here')).toMatchObject({ endpoint: 'unmatched', status: 404 })
    expect(await seen('/leak')).toMatchObject({
      endpoint: '/leak',
      status: 500,
      failed: true,
      code: 'TENANT_CONTEXT_REQUIRED',
    })
    expect(await seen('/whoami', {})).toMatchObject({
      endpoint: 'unmatched',
      status: 400,
      failed: false,
      code: 'tenant.missing',
    })
    const starts = events.filter((event) => event.type === 'operation_started')
    expect(starts).toHaveLength(ended().length)
    expect(JSON.stringify(ended().map((event) => event.operation.endpoint))).not.toContain('acme')
  })

  it('ends the operation of a request whose client went away', async () => {
    const waiting: (() => void)[] = []
    const it = express()
    it.use(boundaryMiddleware(await boundary()))
    it.get('/slow', () => {
      waiting.push(() => undefined)
    })
    const { port } = await serve(it)
    const events = watch()
    const request = httpGet({ port, host: '127.0.0.1', path: '/slow', headers: await acme() })
    request.on('error', () => undefined)
    await until(() => waiting.length === 1)
    request.destroy()
    await until(() => events.some((event) => event.type === 'operation_ended'))
    const end = events.find((event) => event.type === 'operation_ended')
    expect(end?.outcome).toEqual({ failed: false })
    expect(end?.operation.endpoint).toBe('/slow')
  })

  it('tells who was refused where, and nothing that was sent', async () => {
    const { url } = await serve(app(await boundary()))
    const events = watch()
    const token = await bearer()
    await fetch(`${url}/whoami?a=hunter2`, {
      headers: { 'x-tenant-id': 'globex', authorization: token },
    })
    await fetch(`${url}/whoami`, { headers: { 'x-tenant-id': 'hunter2?', authorization: token } })
    const refusals = events.filter((event) => event.type === 'refusal')
    expect(refusals).toMatchObject([
      {
        surface: 'http',
        code: 'membership.missing',
        status: 403,
        tenantId: 'globex',
        userId: 'anna',
      },
      { surface: 'http', code: 'tenant.invalid', status: 400 },
    ])
    expect(refusals[1]).not.toHaveProperty('tenantId')
    expect(JSON.stringify(events)).not.toContain('hunter2')
    expect(JSON.stringify(events)).not.toContain(token.slice(7))
  })

  it('does not pass on a tenant that the server was started in', async () => {
    const it = await runWithTenant({ tenantId: 'globex', env: 'prod' }, async () =>
      serve(app(await boundary())),
    )
    const answer = await fetch(`${it.url}/whoami`, { headers: await acme() })
    expect(await answer.json()).toMatchObject({ tenantId: 'acme' })
    expect((await fetch(`${it.url}/whoami`)).status).toBe(400)
  })

  it('aborts the work of a tenant that is suspended, and of no other', async () => {
    let list = tenants
    const lookup = await createRegistry(memory(() => list))
    const signals = new Map<string, AbortSignal>()
    const it = express()
    it.use(boundaryMiddleware(await boundary({ lookup, authenticator: authenticator() })))
    it.get('/work', (_request, response) => {
      signals.set(requireTenant().tenantId, requireTenant().signal)
      response.end()
    })
    const { url } = await serve(it)
    const headers = { authorization: await bearer() }
    await fetch(`${url}/work?tenant=acme`, { headers })
    await fetch(`${url}/work?tenant=default`, { headers })
    list = tenants.map(
      (one): TenantInit => (one.tenantId === 'acme' ? { ...one, status: 'suspended' } : one),
    )
    await lookup.reload()
    expect(signals.get('acme')?.aborted).toBe(true)
    expect(signals.get('default')?.aborted).toBe(false)
    expect((await fetch(`${url}/work?tenant=acme`, { headers })).status).toBe(403)
  })

  it('never shows a tenant the scope of another, on connections that both use', async () => {
    const { url } = await serve(app(await boundary()))
    const people = [
      { tenantId: 'acme', subject: 'anna', authorization: await bearer() },
      { tenantId: 'acme', subject: 'ben', authorization: await bearer({ subject: 'ben' }) },
      { tenantId: 'globex', subject: 'carl', authorization: await bearer({ subject: 'carl' }) },
      { tenantId: 'globex', subject: 'anna', authorization: await bearer({ issuer: 'theirs' }) },
      { tenantId: 'globex', subject: undefined, authorization: await bearer({ subject: 'ben' }) },
    ]
    const agent = new Agent({ keepAlive: true, maxSockets: 2 })
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.nat(people.length - 1), { minLength: 2, maxLength: 12 }),
          async (turns) => {
            const answers = await Promise.all(
              turns.map(async (turn) => {
                const who = people[turn]
                const headers = { 'x-tenant-id': who?.tenantId, authorization: who?.authorization }
                const text = await new Promise<string>((resolve, reject) => {
                  httpGet(`${url}/whoami`, { agent, headers }, (response) => {
                    let body = ''
                    response.on('data', (chunk) => {
                      body += chunk
                    })
                    response.on('end', () => {
                      resolve(body)
                    })
                  }).on('error', reject)
                })
                return JSON.parse(text) as { tenantId?: string; userId?: string; reason?: string }
              }),
            )
            for (const [index, turn] of turns.entries()) {
              const who = people[turn]
              const answer = answers[index]
              if (who?.subject === undefined) expect(answer?.reason).toBe('membership.missing')
              else expect(answer).toMatchObject({ tenantId: who.tenantId, userId: who.subject })
            }
          },
        ),
        { numRuns: 40 },
      )
    } finally {
      agent.destroy()
    }
  })
})
