import {
  bindTenant,
  createTenantContext,
  currentTenant,
  PartywallError,
  requireTenant,
  runAsSystem,
  runWithTenant,
} from '@partywall/context'
import { describe, expect, it } from 'vitest'

const acme = createTenantContext({ tenantId: 'acme', env: 'prod', userId: 'ada' })
const globex = createTenantContext({ tenantId: 'globex', env: 'prod' })
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('runWithTenant', () => {
  it('refuses to require a tenant where there is none', () => {
    expect(() => requireTenant()).toThrowError(expect.objectContaining({ code: 'tenant.missing' }))
    expect(currentTenant()).toBeUndefined()
  })

  it('refuses to switch tenants inside a scope, and leaves the scope as it was', () => {
    runWithTenant(acme, () => {
      expect(() => runWithTenant(globex, () => 'never')).toThrowError(
        expect.objectContaining({ code: 'tenant.switch' }),
      )
      expect(requireTenant()).toBe(acme)
    })
  })

  it('refuses to switch environments inside a scope', () => {
    runWithTenant(acme, () => {
      expect(() => runWithTenant({ tenantId: 'acme', env: 'dev' }, () => 0)).toThrowError(
        expect.objectContaining({ code: 'tenant.switch' }),
      )
    })
  })

  it('names no tenant when it refuses a switch', () => {
    const refusal = runWithTenant(acme, () => {
      try {
        return runWithTenant(globex, () => undefined)
      } catch (error) {
        return error
      }
    })
    expect(refusal).toBeInstanceOf(PartywallError)
    expect(String(refusal)).not.toMatch(/acme|globex/)
  })

  it('lets the same tenant in again, as another user too', () => {
    runWithTenant(acme, () => {
      runWithTenant({ tenantId: 'acme', env: 'prod', userId: 'grace' }, () => {
        expect(requireTenant().userId).toBe('grace')
      })
      expect(requireTenant().userId).toBe('ada')
    })
  })

  it('keeps interleaved tenants apart across awaits', async () => {
    const seen: string[] = []
    const work = async (): Promise<void> => {
      for (let round = 0; round < 20; round += 1) {
        const before = requireTenant().tenantId
        await tick()
        if (requireTenant().tenantId !== before) seen.push('mixed')
      }
      seen.push(requireTenant().tenantId)
    }
    await Promise.all([runWithTenant(acme, work), runWithTenant(globex, work)])
    expect(seen.sort()).toEqual(['acme', 'globex'])
    expect(currentTenant()).toBeUndefined()
  })

  it('ends the scope when the work throws', () => {
    expect(() =>
      runWithTenant(acme, () => {
        throw new Error('work failed')
      }),
    ).toThrow('work failed')
    expect(currentTenant()).toBeUndefined()
  })

  it('refuses an init that is no tenant before any work is done', () => {
    let worked = false
    expect(() =>
      runWithTenant({ tenantId: 'No Tenant', env: 'prod' }, () => {
        worked = true
      }),
    ).toThrowError(expect.objectContaining({ code: 'tenant.invalid' }))
    // A frozen object that looks like a context was checked by nobody.
    const forged = Object.freeze({ ...acme, tenantId: '../x', signal: acme.signal })
    expect(() => runWithTenant(forged, () => 0)).toThrowError(
      expect.objectContaining({ code: 'tenant.invalid' }),
    )
    expect(worked).toBe(false)
  })
})

describe('bindTenant', () => {
  it('wins over the scope that calls back', () => {
    const callback = runWithTenant(acme, () => bindTenant(() => requireTenant().tenantId))
    expect(runWithTenant(globex, callback)).toBe('acme')
    expect(callback()).toBe('acme')
  })

  it('binds a system scope, and refuses to bind nothing', () => {
    expect(() => bindTenant(() => 0)).toThrowError(
      expect.objectContaining({ code: 'tenant.missing' }),
    )
    const callback = runAsSystem({ actor: 'ops', reason: 'cleanup' }, () =>
      bindTenant(() => currentTenant()),
    )
    expect(runWithTenant(acme, callback)).toBeUndefined()
  })
})

describe('createTenantContext', () => {
  it('refuses a missing environment and an unknown one', () => {
    // @ts-expect-error the environment is required
    expect(() => createTenantContext({ tenantId: 'acme' })).toThrowError(
      expect.objectContaining({ code: 'env.missing' }),
    )
    // @ts-expect-error `production` is no environment
    expect(() => createTenantContext({ tenantId: 'acme', env: 'production' })).toThrowError(
      expect.objectContaining({ code: 'env.invalid' }),
    )
  })

  it('is frozen, with its scopes, and copies what it was given', () => {
    const scopes = ['ops:read']
    const context = createTenantContext({ tenantId: 'acme', env: 'dev', scopes })
    scopes.push('deploy:promote')
    expect(context.scopes).toEqual(['ops:read'])
    expect(() => Object.assign(context, { tenantId: 'globex' })).toThrow(TypeError)
    expect(() => (context.scopes as string[]).push('x')).toThrow(TypeError)
  })

  it('makes its signal on first use, one for each context', () => {
    let made = 0
    const source = new AbortController()
    const context = createTenantContext({
      tenantId: 'acme',
      env: 'prod',
      signal: () => {
        made += 1
        return source.signal
      },
    })
    expect(made).toBe(0)
    expect(context.signal).toBe(context.signal)
    source.abort()
    expect([made, context.signal.aborted]).toEqual([1, true])
    expect(acme.signal).not.toBe(globex.signal)
  })
})
