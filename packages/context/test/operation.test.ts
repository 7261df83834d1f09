import {
  createTenantContext,
  currentOperation,
  onDecision,
  PartywallError,
  requireTenant,
  runAsSystem,
  runJob,
  runWithTenant,
  type WallEvent,
} from '@partywall/context'
import { startOperation } from '@partywall/context/spi'
import { describe, expect, it } from 'vitest'

const acme = createTenantContext({ tenantId: 'acme', env: 'prod' })
const globex = createTenantContext({ tenantId: 'globex', env: 'prod' })

async function observe(work: () => unknown): Promise<readonly WallEvent[]> {
  const seen: WallEvent[] = []
  const stop = onDecision((event) => {
    seen.push(event)
  })
  try {
    await work()
  } finally {
    stop()
  }
  return seen
}

describe('operations', () => {
  it('survive entering a tenant and the system, and keep tenants apart', async () => {
    await runJob('nightly', async () => {
      const operation = currentOperation()
      expect(operation).toMatchObject({ kind: 'job', method: 'JOB', endpoint: 'nightly' })
      for (const tenant of [acme, globex]) {
        runWithTenant(tenant, () => {
          expect(currentOperation()).toBe(operation)
          expect(requireTenant()).toBe(tenant)
        })
      }
      runAsSystem({ actor: 'ops', reason: 'cleanup' }, () => {
        expect(currentOperation()).toBe(operation)
      })
    })
    expect(currentOperation()).toBeUndefined()
  })

  it('start once and end once', async () => {
    const seen = await observe(() => {
      const request = startOperation({ kind: 'request', method: 'GET', endpoint: '/users/:id' })
      request.end({ status: 200, failed: false })
      request.end({ status: 500, failed: true })
    })
    expect(seen.map((event) => event.type)).toEqual(['operation_started', 'operation_ended'])
    expect(seen[1]).toMatchObject({ outcome: { status: 200, failed: false } })
  })

  it('read the endpoint late, and say unmatched where no route is known', () => {
    let route: string | undefined
    const { operation } = startOperation({ kind: 'request', method: 'GET', endpoint: () => route })
    expect(operation.endpoint).toBe('unmatched')
    route = '/users/:id'
    expect(operation.endpoint).toBe('/users/:id')
  })

  it('tell how a job failed, by code only, and pass the error on', async () => {
    const refused = new PartywallError('TENANT_CONTEXT_REQUIRED', 'TENANT_CONTEXT_REQUIRED: User')
    const seen = await observe(async () => {
      await expect(runJob('a', () => Promise.reject(refused))).rejects.toBe(refused)
      await expect(runJob('b', () => Promise.reject(new Error('secret')))).rejects.toThrow('secret')
    })
    const ends = seen.filter((event) => event.type === 'operation_ended')
    expect(ends.map((event) => event.outcome)).toEqual([
      { failed: true, code: 'TENANT_CONTEXT_REQUIRED' },
      { failed: true },
    ])
  })
})
