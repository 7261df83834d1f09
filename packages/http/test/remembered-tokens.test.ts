import type { RequestView } from '@partywall/http'
import { type JwtOptions, verifyJwt } from '@partywall/http/jwt'
import fc from 'fast-check'
import { SignJWT } from 'jose'
import { expect, it } from 'vitest'

const secret = Buffer.alloc(32, 'ours')
const issuer = {
  issuer: 'https://ours.example',
  audience: 'shop',
  algorithms: ['HS256'],
  keys: secret,
  tenants: ['acme', 'globex'],
  tenantClaim: 'tenant',
} as const

function door(options: Partial<JwtOptions> = {}): (token: string) => Promise<unknown> {
  const { authenticate } = verifyJwt({ issuers: [issuer], ...options })
  return (token) => authenticate(request(token))
}

function request(token: string): RequestView {
  const values = [`Bearer ${token}`]
  return { method: 'GET', target: '/', peer: undefined, all: () => values }
}

function sign(claims: Record<string, unknown>, key = secret): Promise<string> {
  return new SignJWT({ iss: issuer.issuer, aud: 'shop', sub: 'anna', ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(key)
}

const forever = 4_000_000_000

it('proves the same twice from one verification, and from as many as are remembered', async () => {
  const ask = door({ rememberedTokens: 2 })
  const [one, two, three] = await Promise.all(
    ['a', 'b', 'c'].map((jti) => sign({ jti, exp: forever, tenant: 'acme' })),
  )
  const first = await ask(one ?? '')
  expect(first).toMatchObject({ kind: 'verified', tenantId: 'acme' })
  expect(await ask(one ?? '')).toBe(first)
  await ask(two ?? '')
  await ask(three ?? '')
  const again = await ask(one ?? '')
  expect(again).not.toBe(first)
  expect(again).toEqual(first)
})

it('verifies each time where nothing is to be remembered', async () => {
  const ask = door({ rememberedTokens: 0 })
  const token = await sign({ exp: forever })
  const first = await ask(token)
  expect(await ask(token)).not.toBe(first)
})

it('gives out what nobody can change for the next request', async () => {
  const ask = door()
  const token = await sign({ exp: forever })
  const proved = await ask(token)
  expect(Object.isFrozen(proved)).toBe(true)
  for (const part of Object.values(proved as object)) expect(Object.isFrozen(part)).toBe(true)
})

it('does not take another signature for the one that was verified', async () => {
  const ask = door()
  const token = await sign({ exp: forever })
  expect(await ask(token)).toMatchObject({ kind: 'verified' })
  const forged = await sign({ exp: forever }, Buffer.alloc(32, 'theirs'))
  expect(forged.split('.').slice(0, 2)).toEqual(token.split('.').slice(0, 2))
  expect(await ask(forged)).toEqual({ kind: 'invalid' })
})

it('goes on with the secret that it was given, whatever becomes of those bytes', async () => {
  const keys = Buffer.from(secret)
  const ask = door({ issuers: [{ ...issuer, keys }], rememberedTokens: 0 })
  keys.fill('theirs')
  expect(await ask(await sign({ exp: forever }))).toMatchObject({ kind: 'verified' })
  const theirs = await sign({ exp: forever }, Buffer.from(keys))
  expect(await ask(theirs)).toEqual({ kind: 'invalid' })
})

// mutation src/remembered-tokens.ts: return proof.from <= now && now < proof.until ? proof.proved : invalid => return proof.proved
it('answers at every moment as one that remembers nothing', async () => {
  const seconds = fc.integer({ min: 990, max: 1_040 })
  const tokens = fc.array(
    fc.record({
      exp: fc.option(seconds, { nil: undefined }),
      nbf: fc.option(seconds, { nil: undefined }),
      tenant: fc.constantFrom('acme', 'globex', 'initech', 'No Id', undefined),
      sub: fc.constantFrom('anna', 'ben', ''),
      own: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  )
  const shown = fc.array(
    fc.record({ which: fc.nat(3), at: fc.integer({ min: 980_000, max: 1_050_000 }) }),
    { minLength: 2, maxLength: 25 },
  )
  await fc.assert(
    fc.asyncProperty(tokens, shown, fc.constantFrom(0, 5), async (made, order, tolerance) => {
      let now = 0
      const options = { clock: () => now, clockToleranceSeconds: tolerance }
      const remembers = door({ ...options, rememberedTokens: 3 })
      const forgets = door({ ...options, rememberedTokens: 0 })
      const signed = await Promise.all(
        made.map(({ own, ...claims }) => sign(claims, own ? secret : Buffer.alloc(32, 'theirs'))),
      )
      for (const { which, at } of order) {
        now = at
        const token = signed[which % signed.length] ?? ''
        expect(await remembers(token)).toEqual(await forgets(token))
      }
    }),
    { numRuns: 150 },
  )
})
