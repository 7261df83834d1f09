import type { RequestListener } from 'node:http'
import type { TenantContext } from '@partywall/context'
import type { Enforcement } from '@partywall/context/spi'
import { type Admission, type Boundary, createBoundary, requireRole } from '@partywall/http'
import { boundaryMiddleware, problemHandler } from '@partywall/http/express'
import { verifyJwt } from '@partywall/http/jwt'
import { boundaryListener } from '@partywall/http/node'
import type { Registry } from '@partywall/registry'
import type { ErrorRequestHandler, RequestHandler } from 'express'
import { expectTypeOf, it } from 'vitest'

declare const boundary: Boundary
declare const lookup: Registry
declare const enforcement: Enforcement

it('takes a registry for its lookup, and wants to know where the tenant is named', () => {
  const environment = 'prod'
  const sources = { token: true } as const
  expectTypeOf(
    createBoundary({ environment, lookup, sources, enforcement }),
  ).toEqualTypeOf<Boundary>()
  createBoundary({ environment, lookup, sources, enforcement: 'no_kill_switch' })
  // @ts-expect-error not a word about the kill switch
  createBoundary({ environment, lookup, sources })
  // @ts-expect-error no sources
  createBoundary({ environment, lookup, enforcement })
  // @ts-expect-error the body is never a source
  createBoundary({ environment, lookup, sources: { body: 'tenant' }, enforcement })
})

it('fits Express and Node', () => {
  expectTypeOf(boundaryMiddleware(boundary)).toExtend<RequestHandler>()
  expectTypeOf(problemHandler()).toExtend<ErrorRequestHandler>()
  expectTypeOf(boundaryListener(boundary, () => 0)).toEqualTypeOf<RequestListener>()
})

it('gives a scope only to what was admitted', () => {
  const admission = {} as Admission
  // @ts-expect-error it may have been refused
  boundary.contextOf(admission)
  if (admission.ok) expectTypeOf(boundary.contextOf(admission)).toEqualTypeOf<TenantContext>()
  else expectTypeOf(admission.code).not.toBeAny()
})

it('knows algorithms and roles by name', () => {
  const issuer = { issuer: 'i', audience: 'a', keys: new Uint8Array(32), tenants: 'any' } as const
  // @ts-expect-error tokens without a signature
  verifyJwt({ issuers: [{ ...issuer, algorithms: ['none'] }] })
  // @ts-expect-error a role that is none
  requireRole('viewer')
})
