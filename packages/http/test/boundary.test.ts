import { isPartywallError } from '@partywall/context'
import { type BoundaryOptions, createBoundary } from '@partywall/http'
import { expect, it } from 'vitest'
import { authenticator, boundary, registry, watch } from './fixture.ts'

async function codeOf(options: Partial<BoundaryOptions>): Promise<string | undefined> {
  try {
    await boundary(options)
    return undefined
  } catch (error) {
    return isPartywallError(error) ? error.code : 'not ours'
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
