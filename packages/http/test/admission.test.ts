import { parseTenantId, type TenantId } from '@partywall/context'
import { blockAlways, type Membership, type TenantLookup } from '@partywall/context/spi'
import { type AdmissionRules, admit, type Credentials, type RequestView } from '@partywall/http'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const acme = parseTenantId('acme')
const globex = parseTenantId('globex')
const gone = parseTenantId('gone')
const suspended = parseTenantId('suspended')

const owner: Membership = { role: 'owner', scopes: [] }
const lookup: TenantLookup = {
  find(tenantId) {
    if (tenantId === gone) return undefined
    const status = tenantId === suspended ? 'suspended' : 'active'
    return { tenantId, status, entitlements: [] }
  },
  membership: (tenantId, { issuer, subject }) =>
    issuer === 'https://ours' && subject === `${tenantId}-owner` ? owner : undefined,
}

const rules: AdmissionRules = {
  sources: { header: 'x-tenant-id', query: 'tenant', token: true },
  whenMissing: undefined,
  isPublic: (method, path) => method === 'POST' && path === '/login',
  credentialField: 'authorization',
  lookup,
  enforcement: blockAlways,
  tenantIds: {},
}
const killed: AdmissionRules = {
  ...rules,
  enforcement: {
    ...blockAlways,
    refusal: (tenantId) =>
      tenantId === acme
        ? undefined
        : { action: 'block', reason: 'kill_switch', generation: 2, record: true },
  },
}

function request(
  fields: Readonly<Record<string, readonly string[]>>,
  target = '/orders',
  method = 'GET',
): RequestView {
  return { method, target, peer: undefined, all: (name) => fields[name] ?? [] }
}

function verified(subject: string, more: Partial<Credentials> = {}): Credentials {
  const identity = { issuer: 'https://ours', subject }
  return { kind: 'verified', identity, tenants: 'any', ...more } as Credentials
}

const none: Credentials = { kind: 'none' }
const bad: Credentials = { kind: 'invalid' }

describe('one pure decision', () => {
  it.each([
    ['no tenant at all', {}, '/', verified('acme-owner'), 'tenant.missing'],
    ['a blank header', { 'x-tenant-id': [''] }, '/', verified('acme-owner'), 'tenant.invalid'],
    ['an id with a capital', { 'x-tenant-id': ['Acme'] }, '/', verified('x'), 'tenant.invalid'],
    ['the header twice', { 'x-tenant-id': ['acme', 'acme'] }, '/', verified('x'), 'tenant.invalid'],
    ['two ids in one header', { 'x-tenant-id': ['acme, globex'] }, '/', bad, 'tenant.invalid'],
    [
      'a bad header over a good query',
      { 'x-tenant-id': [''] },
      '/?tenant=acme',
      none,
      'tenant.invalid',
    ],
    ['the query twice', {}, '/?tenant=acme&tenant=acme', none, 'tenant.invalid'],
    ['the query as a list', {}, '/?tenant[]=acme', none, 'tenant.invalid'],
    ['the query in brackets', {}, '/?tenant=acme&[tenant]=globex', none, 'tenant.invalid'],
    ['the query with a dot', {}, '/?tenant=acme&tenant.0=globex', none, 'tenant.invalid'],
    [
      'the query as a list beside it',
      {},
      '/?tenant=acme&tenant%5B0%5D=globex',
      none,
      'tenant.invalid',
    ],
    [
      'the query twice, once in disguise',
      {},
      '/?tenant=acme&%74enant=globex',
      none,
      'tenant.invalid',
    ],
    ['a blank query', {}, '/?tenant', none, 'tenant.invalid'],
    ['a broken escape', {}, '/?tenant=acme%zz', none, 'tenant.invalid'],
    ['a bad token where only it could name one', {}, '/', bad, 'identity.invalid'],
    [
      'a field that a proxy may drop',
      { connection: ['close, X-Tenant-Id'] },
      '/',
      none,
      'request.invalid',
    ],
    [
      'credentials that a proxy may drop',
      { connection: ['Authorization'] },
      '/',
      none,
      'request.invalid',
    ],
    ['a tenant that is not there', { 'x-tenant-id': ['gone'] }, '/', none, 'tenant.unknown'],
    [
      'a suspended one',
      { 'x-tenant-id': ['suspended'] },
      '/',
      verified('suspended-owner'),
      'tenant.unknown',
    ],
    ['nobody', { 'x-tenant-id': ['acme'] }, '/', none, 'identity.missing'],
    ['somebody who proved nothing', { 'x-tenant-id': ['acme'] }, '/', bad, 'identity.invalid'],
    [
      'a member of another tenant',
      { 'x-tenant-id': ['globex'] },
      '/',
      verified('acme-owner'),
      'membership.missing',
    ],
    [
      'a namesake of another issuer',
      { 'x-tenant-id': ['acme'] },
      '/',
      verified('acme-owner', { identity: { issuer: 'https://theirs', subject: 'acme-owner' } }),
      'membership.missing',
    ],
    [
      'a token for another tenant',
      { 'x-tenant-id': ['acme'] },
      '/',
      verified('acme-owner', { tenantId: globex }),
      'tenant.mismatch',
    ],
    [
      'an issuer that may not speak for it',
      { 'x-tenant-id': ['acme'] },
      '/',
      verified('acme-owner', { tenants: [globex] }),
      'tenant.mismatch',
    ],
  ] as const)('refuses %s', (_, fields, target, credentials, code) => {
    expect(admit(request(fields, target), credentials, rules)).toMatchObject({ ok: false, code })
  })

  it('prefers the header to the query, and the query to the token', () => {
    const token = verified('acme-owner', { tenantId: acme })
    const named = { 'x-tenant-id': ['acme'] }
    expect(admit(request(named, '/?tenant=globex'), token, rules)).toMatchObject({
      ok: true,
      tenantId: acme,
      source: 'header',
      member: { issuer: 'https://ours', subject: 'acme-owner', role: 'owner' },
    })
    expect(admit(request({}, '/?a=1&tenant=acme'), token, rules)).toMatchObject({ source: 'query' })
    expect(admit(request({}), token, rules)).toMatchObject({ source: 'token', tenantId: acme })
  })

  it('takes the tenant of the deployment only where no request names one, and authorises it too', () => {
    const fallback = { ...rules, whenMissing: globex }
    expect(admit(request({}), verified('globex-owner'), fallback)).toMatchObject({
      ok: true,
      tenantId: globex,
      source: 'environment',
    })
    expect(admit(request({}), none, fallback)).toMatchObject({ code: 'identity.missing' })
    expect(admit(request({}), verified('acme-owner'), fallback)).toMatchObject({
      code: 'membership.missing',
    })
    expect(admit(request({ 'x-tenant-id': [''] }), none, fallback)).toMatchObject({
      code: 'tenant.invalid',
    })
  })

  it('answers alike for every tenant but the default while the kill switch is on', () => {
    for (const id of ['globex', 'gone', 'suspended']) {
      for (const credentials of [none, bad, verified(`${id}-owner`)]) {
        const admission = admit(request({ 'x-tenant-id': [id] }), credentials, killed)
        expect(admission).toMatchObject({ ok: false, code: 'tenancy.disabled', tenantId: id })
      }
    }
    const served = admit(request({ 'x-tenant-id': ['acme'] }), verified('acme-owner'), killed)
    expect(served).toMatchObject({ ok: true, tenantId: acme })
    expect(admit(request({ 'x-tenant-id': ['?'] }), none, killed)).toMatchObject({
      code: 'tenant.invalid',
    })
  })

  it('asks nobody on a public route, spelled exactly, and still wants a known tenant', () => {
    const named = { 'x-tenant-id': ['globex'] }
    const admission = admit(request(named, '/login?next=1', 'POST'), bad, rules)
    expect(admission).toEqual({
      ok: true,
      tenantId: globex,
      source: 'header',
      vary: ['x-tenant-id'],
    })
    for (const [method, target] of [
      ['GET', '/login'],
      ['POST', '/login/'],
      ['POST', '/LOGIN'],
      ['POST', '//login'],
      ['POST', '/%6Cogin'],
      ['POST', '/login;a=1'],
      ['POST', 'http://host/login'],
    ] as const) {
      expect(admit(request(named, target, method), none, rules)).toMatchObject({ ok: false })
    }
    const unknown = admit(request({ 'x-tenant-id': ['gone'] }, '/login', 'POST'), none, rules)
    expect(unknown).toMatchObject({ code: 'tenant.unknown' })
    const told = admit(request({}, '/login', 'POST'), verified('x', { tenantId: acme }), rules)
    expect(told).toMatchObject({ code: 'tenant.missing' })
  })

  it('names every field that it consulted, absent ones included', () => {
    const admission = admit(request({}, '/?tenant=acme'), verified('acme-owner'), rules)
    expect(admission).toMatchObject({ vary: ['x-tenant-id', 'authorization'] })
  })
})

describe('whatever a request carries', () => {
  const id = fc.constantFrom(
    'acme',
    'globex',
    'gone',
    'suspended',
    '',
    'ACME',
    'acme ',
    'acme,globex',
    '../acme',
  )
  const good: readonly string[] = ['acme', 'globex', 'gone', 'suspended']
  const subject = fc.constantFrom('acme-owner', 'globex-owner', 'nobody')
  const claim = fc.option(fc.constantFrom<TenantId>(acme, globex), { nil: undefined })
  const credentials = fc.oneof(
    fc.constant(none),
    fc.constant(bad),
    fc
      .record({ subject, claim, foreign: fc.boolean(), tenants: fc.constantFrom('any', [acme]) })
      .map((it) =>
        verified(it.subject, {
          identity: { issuer: it.foreign ? 'https://theirs' : 'https://ours', subject: it.subject },
          tenants: it.tenants as 'any',
          ...(it.claim === undefined ? {} : { tenantId: it.claim }),
        }),
      ),
  )
  const shape = fc.record({
    header: fc.array(id, { maxLength: 2 }),
    query: fc.array(id, { maxLength: 2 }),
    credentials,
    whenMissing: fc.option(fc.constantFrom(acme, globex), { nil: undefined }),
    killed: fc.boolean(),
  })
  const ask = (it: {
    readonly header: readonly string[]
    readonly query: readonly string[]
    readonly credentials: Credentials
    readonly whenMissing: TenantId | undefined
    readonly killed: boolean
  }) => {
    const target = `/?${it.query.map((value) => `tenant=${encodeURIComponent(value)}`).join('&')}`
    const base = it.killed ? killed : rules
    return admit(request({ 'x-tenant-id': it.header }, target), it.credentials, {
      ...base,
      whenMissing: it.whenMissing,
    })
  }

  it('is never admitted when a source that was consulted is bad', () => {
    fc.assert(
      fc.property(shape, (it) => {
        const consulted = it.header.length > 0 ? it.header : it.query
        const isBad = consulted.length > 1 || consulted.some((value) => !good.includes(value))
        if (!isBad && it.credentials.kind !== 'invalid') return
        expect(ask(it).ok).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })

  // mutation src/admission.ts: if (membership === undefined) return refuse('membership.missing') => if (membership === undefined) void 0
  it('is admitted only for an active tenant that its verified identity is a member of [230–232]', () => {
    let admitted = 0
    fc.assert(
      fc.property(shape, (it) => {
        const admission = ask(it)
        if (!admission.ok) return
        admitted += 1
        const { tenantId, member } = admission
        const proof = it.credentials
        expect(proof.kind).toBe('verified')
        if (proof.kind !== 'verified') return
        expect(lookup.find(tenantId)?.status).toBe('active')
        expect(lookup.membership(tenantId, proof.identity)).toEqual(owner)
        expect(member).toEqual({ ...proof.identity, ...owner })
        expect([undefined, tenantId]).toContain(proof.tenantId)
        if (it.killed) expect(tenantId).toBe(acme)
      }),
      { numRuns: 5000 },
    )
    expect(admitted).toBeGreaterThan(10)
  })

  it('is decided alike whatever was decided in between', () => {
    fc.assert(
      fc.property(shape, shape, (one, other) => {
        const before = ask(one)
        ask(other)
        expect(ask(one)).toEqual(before)
      }),
    )
  })
})
