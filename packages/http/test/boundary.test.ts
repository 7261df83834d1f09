import { isPartywallError } from '@partywall/context'
import { type BoundaryOptions, createBoundary } from '@partywall/http'
import { boundaryMiddleware } from '@partywall/http/express'
import { boundaryListener } from '@partywall/http/node'
import { expect, it } from 'vitest'
import { authenticator, boundary, killSwitch, registry, watch } from './fixture.ts'

async function codeOf(options: Partial<BoundaryOptions>): Promise<string | undefined> {
  try {
    await boundary(options)
    return undefined
  } catch (error) {
    return isPartywallError(error) ? error.code : 'not ours'
  }
}

async function messageOf(options: Partial<BoundaryOptions>): Promise<string> {
  try {
    await boundary(options)
    return 'made'
  } catch (error) {
    return isPartywallError(error, 'http.invalid_options') ? error.message : 'not ours'
  }
}

it.each([
  ['no authoriser for protected routes', { authenticator: undefined }, 'http.invalid_options'],
  ['no source at all', { sources: {} }, 'http.invalid_options'],
  ['a blank header name', { sources: { header: '' } }, 'http.invalid_options'],
  [
    'credentials in a field that would never be found',
    { authenticator: { ...authenticator(), field: 'Authorization' } },
    'http.invalid_options',
  ],
  ['a header name with a space', { sources: { header: 'x tenant' } }, 'http.invalid_options'],
  ['a query name with a bracket', { sources: { query: 'tenant[]' } }, 'http.invalid_options'],
  ['a public route without a method', { publicRoutes: ['/login'] }, 'http.invalid_options'],
  ['a public route with a query', { publicRoutes: ['GET /a?b=1'] }, 'http.invalid_options'],
  [
    'another status for unknown tenants',
    { unknownTenantStatus: 404 as 403 },
    'http.invalid_options',
  ],
  ['no environment', { environment: undefined }, 'env.missing'],
  ['an environment that is none', { environment: 'production' }, 'env.invalid'],
  ['a blank tenant for requests that name none', { whenMissing: '' }, 'tenant.invalid'],
])('refuses at start: %s', async (_, options, code) => {
  expect(await codeOf(options)).toBe(code)
})

it('refuses a token source without anybody to verify it', async () => {
  const options = {
    authenticator: undefined,
    publicRoutes: 'all',
    sources: { token: true },
  } as const
  expect(await codeOf(options)).toBe('http.invalid_options')
})

it('wants to know about the kill switch: a forgotten one would be none', async () => {
  expect(await messageOf({ enforcement: undefined } as never)).toBe(
    "enforcement is undefined; expected an Enforcement, such as rollout.enforcement, or 'no_kill_switch', with refusal and decide",
  )
  expect(await codeOf({ enforcement: 'none' } as never)).toBe('http.invalid_options')
  expect(await codeOf({ enforcement: killSwitch() })).toBeUndefined()
})

it.each([
  [{ enforcment: killSwitch() }, 'options has no field "enforcment"; it may have environment, '],
  [{ sources: { headers: 'x' } }, 'sources has no field "headers"; it may have header, query'],
  [
    { sources: 'header' },
    'sources is a string of 6 characters; expected an object with header, query, token',
  ],
  [{ sources: { header: 7 } }, 'sources.header is a number; expected the name of a header field'],
  [{ sources: { query: ['tenant'] } }, 'sources.query is a list of 1; expected '],
  [
    { sources: { token: 'yes' } },
    'sources.token is a string of 3 characters; expected true or false',
  ],
  [{ lookup: new Map() }, 'lookup is an object; expected a registry or another TenantLookup, with'],
  [{ lookup: registry() }, 'lookup is a promise; await it first: expected a registry'],
  [{ authenticator: () => 'anna' }, 'authenticator is a function; expected an Authenticator'],
  [{ authenticator: { field: 1, authenticate: () => 1 } }, 'authenticator.field is a number; exp'],
  [
    { publicRoutes: 'POST /login' },
    "publicRoutes is a string of 11 characters; expected 'all' or a list",
  ],
  [{ publicRoutes: ['POST /a', null] }, 'publicRoutes[1] is null; expected a method and a path'],
  [{ tenantIds: { patern: /a/ } }, 'tenantIds has no field "patern"; it may have pattern'],
  [
    { unknownTenantStatus: '403' },
    'unknownTenantStatus is a string of 3 characters; expected 400 or 403',
  ],
])('names the field, its shape and what was expected: %j', async (options, message) => {
  expect(await messageOf(options as never)).toContain(message)
})

it('wants options, and no other kind of value in their place', () => {
  for (const options of [undefined, null, [], 'prod']) {
    expect(() => createBoundary(options as never)).toThrow('expected an object with environment')
  }
  for (const boundary of [undefined, { lookup: {} }, Promise.resolve()]) {
    const expected = 'what createBoundary() returns'
    expect(() => boundaryMiddleware(boundary as never)).toThrow(expected)
    expect(() => boundaryListener(boundary as never, () => undefined)).toThrow(expected)
  }
})

it('checks what a listener is given', async () => {
  const door = await boundary()
  expect(() => boundaryListener(door, undefined as never)).toThrow(
    'listener is undefined; expected',
  )
  const listen = (options: unknown) => boundaryListener(door, () => 0, options as never)
  expect(() => listen({ route: 1 })).toThrow('options has no field "route"; it may have endpoint')
  expect(() => listen({ endpoint: '/a' })).toThrow(
    'endpoint is a string of 2 characters; expected a function',
  )
})

it('needs no authoriser where every route is declared public', async () => {
  expect(await codeOf({ authenticator: undefined, publicRoutes: 'all' })).toBeUndefined()
})

it('takes credentials for invalid when the authenticator fails, and tells of the fault', async () => {
  const events = watch()
  const failing = {
    ...authenticator(),
    authenticate: () => Promise.reject(new Error('key store unreachable')),
  }
  const door = createBoundary({
    environment: 'prod',
    lookup: await registry(),
    sources: { header: 'x-tenant-id' },
    authenticator: failing,
    enforcement: 'no_kill_switch',
    publicRoutes: ['POST /login'],
  })
  const admission = await door.receive({
    method: 'GET',
    target: '/',
    peer: undefined,
    all: (name) => (name === 'x-tenant-id' ? ['acme'] : []),
  })
  expect(admission).toMatchObject({ ok: false, code: 'identity.invalid' })
  expect(events).toMatchObject([{ type: 'fault', surface: 'http' }])

  const login = await door.receive({
    method: 'POST',
    target: '/login',
    peer: undefined,
    all: (name) => (name === 'x-tenant-id' ? ['acme'] : []),
  })
  expect(login.ok).toBe(true)
  expect(events).toHaveLength(1)
})

it('widens ids only within what is safe', async () => {
  const door = await boundary({ tenantIds: { pattern: /^t_[a-z]+$/ } })
  const ask = (id: string) =>
    door.receive({
      method: 'GET',
      target: '/',
      peer: undefined,
      all: (name) => (name === 'x-tenant-id' ? [id] : []),
    })
  expect(await ask('t_one')).toMatchObject({ code: 'tenant.unknown', tenantId: 't_one' })
  expect(await ask('acme')).toMatchObject({ code: 'tenant.invalid' })
})
