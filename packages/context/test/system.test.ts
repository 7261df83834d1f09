import {
  createTenantContext,
  currentSystem,
  currentTenant,
  onDecision,
  requireTenant,
  runAsSystem,
  runWithTenant,
  type WallEvent,
} from '@partywall/context'
import { describe, expect, it } from 'vitest'

const acme = createTenantContext({ tenantId: 'acme', env: 'prod' })
const globex = createTenantContext({ tenantId: 'globex', env: 'prod' })

describe('runAsSystem', () => {
  it('refuses a blank actor and a reason that is no code', () => {
    for (const actor of ['', '  ']) {
      expect(() => runAsSystem({ actor, reason: 'cleanup' }, () => 0)).toThrowError(
        expect.objectContaining({ code: 'system.invalid' }),
      )
    }
    for (const reason of ['', ' ', 'Clean up!', 'x'.repeat(64)]) {
      expect(() => runAsSystem({ actor: 'ops', reason }, () => 0)).toThrowError(
        expect.objectContaining({ code: 'system.invalid' }),
      )
    }
  })

  it('leaves the tenant, and is the only way from one tenant to another', () => {
    runWithTenant(acme, () => {
      runAsSystem({ actor: 'ops', reason: 'merge_tenants', note: 'ticket 42' }, () => {
        expect(currentTenant()).toBeUndefined()
        expect(currentSystem()).toMatchObject({ actor: 'ops', note: 'ticket 42' })
        runWithTenant(globex, () => {
          expect(requireTenant()).toBe(globex)
          // Inside a tenant the walls stand again.
          expect(currentSystem()).toBeUndefined()
        })
      })
      expect(requireTenant()).toBe(acme)
    })
  })

  it('is observed, one id for each use, and records a missing reason as unspecified', () => {
    const seen: WallEvent[] = []
    const stop = onDecision((event) => {
      seen.push(event)
    })
    runAsSystem({ actor: 'ops', reason: 'cleanup' }, () => undefined)
    runAsSystem({ actor: 'ops' }, () => undefined)
    stop()
    expect(seen).toMatchObject([
      { type: 'system_scope', system: { actor: 'ops', reason: 'cleanup' } },
      { type: 'system_scope', system: { actor: 'ops', reason: 'unspecified' } },
    ])
    const ids = seen.map((event) => (event.type === 'system_scope' ? event.system.id : ''))
    expect(new Set(ids).size).toBe(2)
  })
})
