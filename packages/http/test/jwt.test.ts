import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { isPartywallError } from '@partywall/context'
import type { RequestView } from '@partywall/http'
import { type JwtIssuer, verifyJwt } from '@partywall/http/jwt'
import { exportJWK, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { authenticator, bearer, secrets } from './fixture.ts'

function request(...authorization: readonly string[]): RequestView {
  return {
    method: 'GET',
    target: '/',
    peer: undefined,
    all: (name) => (name === 'authorization' ? authorization : []),
  }
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const claims = { iss: 'https://ours.example', aud: 'shop', sub: 'anna', exp: 4_000_000_000 }
const sign = (change: Record<string, unknown>, secret = secrets.ours): Promise<string> =>
  new SignJWT({ ...claims, ...change }).setProtectedHeader({ alg: 'HS256' }).sign(secret)

describe('believes no token', () => {
  const forgeries: readonly (readonly [string, () => Promise<string> | string])[] = [
    ['signed with another key', () => bearer({ secret: secrets.theirs })],
    [
      'of an issuer that is not configured',
      async () => `Bearer ${await sign({ iss: 'https://evil.example' })}`,
    ],
    [
      'of an issuer spelled otherwise',
      async () => `Bearer ${await sign({ iss: 'https://ours.example/' })}`,
    ],
    ['for another audience', async () => `Bearer ${await sign({ aud: 'bank' })}`],
    ['that has expired', () => bearer({ expiresAt: Math.floor(Date.now() / 1000) - 60 })],
    ['that never expires', async () => `Bearer ${await sign({ exp: undefined })}`],
    ['that is not valid yet', async () => `Bearer ${await sign({ nbf: 3_900_000_000 })}`],
    ['without a subject', async () => `Bearer ${await sign({ sub: undefined })}`],
    ['with a blank subject', async () => `Bearer ${await sign({ sub: '' })}`],
    [
      'with a control character in its subject',
      async () => `Bearer ${await sign({ sub: 'an\nna' })}`,
    ],
    ['with a tenant that is no id', async () => `Bearer ${await sign({ tenant: 'Acme' })}`],
    ['with a tenant that is no text', async () => `Bearer ${await sign({ tenant: ['acme'] })}`],
    ['with a tenant of null', async () => `Bearer ${await sign({ tenant: null })}`],
    ['of algorithm none', () => `Bearer ${encode({ alg: 'none' })}.${encode(claims)}.`],
    [
      'of algorithm NONE with a signature',
      () => `Bearer ${encode({ alg: 'NONE' })}.${encode(claims)}.eA`,
    ],
    ['longer than the limit', async () => `Bearer ${await sign({ padding: 'x'.repeat(9000) })}`],
    ['that is none', () => 'Bearer acme'],
    ['of another scheme', () => 'Basic YTpi'],
    ['that is blank', () => 'Bearer '],
    ['with something after it', async () => `${await bearer()} tail`],
  ]
  it.each(forgeries)('%s', async (_, forge) => {
    expect(await authenticator().authenticate(request(await forge()))).toEqual({ kind: 'invalid' })
  })

  it('sent twice', async () => {
    const token = await bearer()
    const twice = await authenticator().authenticate(request(token, token))
    expect(twice).toEqual({ kind: 'invalid' })
  })

  it('changed after it was signed', async () => {
    const [head = '', , signature = ''] = (await bearer()).split('.')
    const body = encode({ ...claims, sub: 'ben' })
    const forged = `${head}.${body}.${signature}`
    expect(await authenticator().authenticate(request(forged))).toEqual({ kind: 'invalid' })
  })

  it('signed with the public key as if it were a secret', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pem = Buffer.from(publicKey.export({ type: 'spki', format: 'pem' }))
    const door = verifyJwt({
      issuers: [
        {
          issuer: claims.iss,
          audience: 'shop',
          algorithms: ['RS256'],
          keys: publicKey,
          tenants: 'any',
        },
      ],
    })
    const forged = `Bearer ${await sign({}, pem)}`
    expect(await door.authenticate(request(forged))).toEqual({ kind: 'invalid' })
  })
})

it('tells nobody from somebody who proved nothing', async () => {
  expect(await authenticator().authenticate(request())).toEqual({ kind: 'none' })
})

it('keeps the same subject of two issuers apart, and how far each is believed', async () => {
  const ours = await authenticator().authenticate(request(await bearer({ tenant: 'acme' })))
  const theirs = await authenticator().authenticate(request(await bearer({ issuer: 'theirs' })))
  expect(ours).toEqual({
    kind: 'verified',
    identity: { issuer: 'https://ours.example', subject: 'anna' },
    tenantId: 'acme',
    tenants: 'any',
  })
  expect(theirs).toEqual({
    kind: 'verified',
    identity: { issuer: 'https://theirs.example', subject: 'anna' },
    tenants: ['globex'],
  })
})

it('does not let one issuer sign for another', async () => {
  const forged = await bearer({ issuer: 'ours', secret: secrets.theirs })
  expect(await authenticator().authenticate(request(forged))).toEqual({ kind: 'invalid' })
})

it('reads the clock it was given', async () => {
  const token = await bearer({ expiresAt: 1_000 })
  const at = (seconds: number) => authenticator(() => seconds * 1000).authenticate(request(token))
  expect(await at(999)).toMatchObject({ kind: 'verified' })
  expect(await at(1_006)).toEqual({ kind: 'invalid' })
  expect(await at(Number.NaN)).toEqual({ kind: 'invalid' })
})

it('takes public keys and key sets', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .sign(privateKey)
  for (const keys of [
    publicKey,
    createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })),
    { keys: [jwk] },
  ]) {
    const door = verifyJwt({
      issuers: [
        {
          issuer: claims.iss,
          audience: ['shop', 'bank'],
          algorithms: ['ES256'],
          keys,
          tenants: 'any',
        },
      ],
    })
    expect(await door.authenticate(request(`bearer ${token}`))).toMatchObject({ kind: 'verified' })
  }
})

describe('refuses at start', () => {
  const good: JwtIssuer = {
    issuer: 'https://ours.example',
    audience: 'shop',
    algorithms: ['HS256'],
    keys: secrets.ours,
    tenants: 'any',
  }
  const { publicKey } = generateKeyPairSync('ed25519')
  it.each([
    ['no issuer', []],
    ['a blank issuer', [{ ...good, issuer: '' }]],
    ['the same issuer twice', [good, { ...good, audience: 'bank' }]],
    ['no audience', [{ ...good, audience: [] }]],
    ['no algorithm', [{ ...good, algorithms: [] }]],
    ['algorithm none', [{ ...good, algorithms: ['none' as 'HS256'] }]],
    ['a secret for public keys', [{ ...good, algorithms: ['RS256' as const] }]],
    ['a public key as a secret', [{ ...good, keys: publicKey }]],
    ['both kinds of algorithm', [{ ...good, algorithms: ['HS256' as const, 'RS256' as const] }]],
    ['a short secret', [{ ...good, keys: new Uint8Array(16) }]],
    ['a tenant that is no id', [{ ...good, tenants: ['Acme'] }]],
  ])('%s', (_, issuers) => {
    let caught: unknown
    try {
      verifyJwt({ issuers })
    } catch (error) {
      caught = error
    }
    expect(isPartywallError(caught)).toBe(true)
  })

  it('limits that make no sense', () => {
    expect(() => verifyJwt({ issuers: [good], maxTokenBytes: 0 })).toThrow('maxTokenBytes')
    for (const rememberedTokens of [-1, 0.5, Number.NaN, 1_000_001]) {
      expect(() => verifyJwt({ issuers: [good], rememberedTokens })).toThrow('rememberedTokens')
    }
    expect(() => verifyJwt({ issuers: [good], clockToleranceSeconds: 301 })).toThrow(
      'clockTolerance',
    )
  })

  it.each([
    [undefined, 'options is undefined; expected an object with issuers'],
    [{ issuers: good }, 'issuers is an object; expected a list'],
    [{ issuers: [good], clock: 0 }, 'clock is a number; expected a function'],
    [{ issuers: [good], tolerance: 5 }, 'options has no field "tolerance"; it may have issuers'],
    [{ issuers: [null] }, 'an issuer is null; expected an object with issuer, audience'],
    [{ issuers: [{ ...good, aud: 'shop' }] }, 'an issuer has no field "aud"; it may have issuer'],
    [{ issuers: [{ ...good, issuer: 1 }] }, 'issuer is a number; expected a string'],
    [
      { issuers: [{ ...good, audience: undefined }] },
      'audience of an issuer is undefined; expected',
    ],
    [{ issuers: [{ ...good, algorithms: 'HS256' }] }, 'algorithms of an issuer is a string of 5'],
    [
      { issuers: [{ ...good, tenants: 'all' }] },
      "tenants of an issuer is a string of 3 characters; expected 'any'",
    ],
    [{ issuers: [{ ...good, tenantClaim: '' }] }, 'tenantClaim is an empty string; expected'],
    [{ issuers: [{ ...good, keys: 'secret' }] }, 'keys of an issuer is a string of 6 characters'],
  ])('and names the field, its shape and what was expected (%#)', (options, message) => {
    expect(() => verifyJwt(options as never)).toThrow(message)
  })
})
