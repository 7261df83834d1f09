import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { onDecision, type WallEvent } from '@partywall/context'
import {
  createRegistry,
  memory,
  type Registry,
  type RegistrySource,
  type Reload,
  type TenantInit,
  yamlDirectory,
} from '@partywall/registry'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import * as z from 'zod'
import { acme, folder, globex, refusalOf, until, yaml } from './fixture.ts'

const anna = { issuer: 'https://login.example', subject: 'anna' }
const two: readonly TenantInit[] = [
  {
    tenantId: 'acme',
    name: 'Acme',
    status: 'active',
    members: [{ ...anna, role: 'owner', scopes: ['ops:read'] }],
  },
  {
    tenantId: 'globex',
    name: 'Globex',
    status: 'active',
    members: [{ issuer: 'https://other.example', subject: 'anna', role: 'admin' }],
  },
]

describe('members', () => {
  it('belong to one tenant, and to one issuer', async () => {
    const registry = await createRegistry(memory(two))
    expect(registry.membership(globex, anna)).toBeUndefined()
    expect(registry.membership(acme, { ...anna, issuer: 'https://other.example' })).toBeUndefined()
    expect(registry.membership(acme, { ...anna, subject: 'Anna' })).toBeUndefined()
    expect(registry.membership(acme, anna)).toMatchObject({ role: 'owner', scopes: ['ops:read'] })
    expect(
      registry.membership(globex, { issuer: 'https://other.example', subject: 'anna' }),
    ).toMatchObject({
      role: 'admin',
      scopes: [],
    })
  })

  it('are never taken for one another, whatever issuer and subject contain', async () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', '/', '1', ':', '"'),
      minLength: 3,
      maxLength: 8,
    })
    // Two ways to cut one text in two: where keys are glued together, these become the same.
    const cuts = fc.tuple(text, fc.nat(6), fc.nat(6)).map(([whole, one, other]) =>
      [one, other].map((at) => {
        const cut = 1 + (at % (whole.length - 1))
        return { issuer: whole.slice(0, cut), subject: whole.slice(cut).replace(/^[/]/, '') || '/' }
      }),
    )
    await fc.assert(
      fc.asyncProperty(cuts, async ([one, other]) => {
        if (one === undefined || other === undefined) throw new Error('there are two')
        const [first, second] = two
        if (first === undefined || second === undefined) throw new Error('there are two')
        const registry = await createRegistry(
          memory([
            { ...first, members: [{ ...one, role: 'owner' }] },
            { ...second, members: [{ ...other, role: 'member' }] },
          ]),
        )
        const same = one.issuer === other.issuer && one.subject === other.subject
        expect(registry.membership(acme, one)?.role).toBe('owner')
        expect(registry.membership(globex, other)?.role).toBe('member')
        expect(registry.membership(acme, other) !== undefined).toBe(same)
        expect(registry.membership(globex, one) !== undefined).toBe(same)
      }),
    )
  })
})

describe('tenants in code', () => {
  it('pass the checks that files pass', async () => {
    const wrong = [
      { ...two[0], status: 'open' },
      { ...two[1], plan: 'gold' },
    ] as unknown as TenantInit[]
    const error = await refusalOf(createRegistry(memory(wrong)))
    expect(error.message).toContain(
      'status is a string of 4 characters; expected active or suspended',
    )
    expect(error.message).toContain('plan is no known field')
    const doubled = await refusalOf(createRegistry(memory([...two, ...two])))
    expect(doubled.problems).toHaveLength(2)
    expect((await refusalOf(createRegistry(memory([])))).message).toContain('no tenant at all')
  })

  it('cannot be changed afterwards, by the caller or by a reader', async () => {
    const tenant = {
      tenantId: 'acme',
      name: 'Acme',
      status: 'active' as const,
      entitlements: ['a'],
      metadata: { deep: { list: [1] } },
    }
    const registry = await createRegistry(memory([tenant]))
    tenant.entitlements.push('b')
    tenant.metadata.deep.list.push(2)
    const found = registry.find(acme)
    expect(found).toMatchObject({ entitlements: ['a'], metadata: { deep: { list: [1] } } })
    const parts = [
      registry.snapshot(),
      registry.snapshot().tenants,
      found,
      found?.entitlements,
      found?.limits,
      found?.metadata,
    ]
    expect(parts.every(Object.isFrozen)).toBe(true)
    expect(tenant.metadata).not.toBe(found?.metadata)
  })

  it('are asked for again at a reload, and kept when that fails', async () => {
    let list: () => readonly TenantInit[] = () => two
    const registry = await createRegistry(memory(() => list()))
    const faults: WallEvent[] = []
    onTestFinished(
      onDecision((event) => {
        faults.push(event)
      }),
    )
    list = () => two.slice(0, 1)
    expect(await registry.reload()).toMatchObject({ ok: true, snapshot: { version: 2 } })
    expect(registry.find(globex)).toBeUndefined()
    expect(
      registry.membership(globex, { issuer: 'https://other.example', subject: 'anna' }),
    ).toBeUndefined()
    list = () => {
      throw new Error('database gone')
    }
    expect(await registry.reload()).toMatchObject({ ok: false, snapshot: { version: 2 } })
    expect(registry.find(acme)?.status).toBe('active')
    expect(faults).toMatchObject([{ type: 'fault', surface: 'registry' }])
    list = () => two
    expect(await registry.reload()).toMatchObject({ ok: true, snapshot: { version: 3 } })
    expect(registry.problems()).toEqual([])
  })
})

describe('metadata', () => {
  const schema = z.strictObject({ plan: z.enum(['free', 'paid']), seats: z.coerce.number() })

  it("is the user's schema's business: refused, converted and typed", async () => {
    const withPlan = (metadata: unknown) =>
      memory([
        { ...(two[0] as TenantInit), metadata },
        { ...(two[1] as TenantInit), metadata: { plan: 'free', seats: 1 } },
      ])
    const error = await refusalOf(
      createRegistry(withPlan({ plan: 'hunter2', seats: 1 }), { metadata: schema }),
    )
    expect(error.message).toContain('metadata.plan is refused by the metadata schema')
    expect(error.message).not.toContain('hunter2')
    const registry = await createRegistry(withPlan({ plan: 'paid', seats: '12' }), {
      metadata: schema,
    })
    expect(registry.find(acme)?.metadata.seats).toBe(12)
    expect(Object.isFrozen(registry.find(acme)?.metadata)).toBe(true)
  })

  it('says where in the file it was refused', async () => {
    const tenants = folder()
    tenants.put('acme.yaml', yaml('acme', 'active', 'metadata:\n  seats: 3\n  plan: gold\n'))
    const error = await refusalOf(createRegistry(yamlDirectory(tenants.path), { metadata: schema }))
    expect(error.problems).toMatchObject([
      { file: 'acme.yaml', line: 16, column: 3, path: 'metadata.plan' },
    ])
  })

  it('is refused when the schema itself fails', async () => {
    const broken = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () => {
          throw new Error('hunter2')
        },
      },
    } as const
    const error = await refusalOf(createRegistry(memory(two), { metadata: broken }))
    expect(error.message).toContain('metadata made the metadata schema throw')
    expect(error.message).not.toContain('hunter2')
  })
})

describe('a folder that changes', () => {
  async function followed(): Promise<{
    readonly tenants: ReturnType<typeof folder>
    readonly registry: Registry
    readonly told: Reload[]
  }> {
    const tenants = folder()
    tenants.put('acme.yaml', yaml('acme'))
    tenants.put('globex.yaml', yaml('globex'))
    const registry = await createRegistry(yamlDirectory(tenants.path))
    const told: Reload[] = []
    registry.onChange((reload) => {
      told.push(reload)
    })
    onTestFinished(() => {
      registry.close()
    })
    return { tenants, registry, told }
  }

  it('is followed through writing, renaming and deleting', async () => {
    const { tenants, registry } = await followed()
    tenants.put('globex.yaml', yaml('globex', 'suspended'))
    await until(() => registry.find(globex)?.status === 'suspended')
    expect(registry.find(acme)?.status).toBe('active')
    tenants.put('globex.yaml.new', yaml('globex'))
    renameSync(join(tenants.path, 'globex.yaml.new'), join(tenants.path, 'globex.yaml'))
    await until(() => registry.find(globex)?.status === 'active')
    rmSync(join(tenants.path, 'globex.yaml'))
    await until(() => registry.find(globex) === undefined)
    expect(registry.find(acme)?.status).toBe('active')
  })

  it('keeps the last good set while it is broken or gone, and goes on when it is mended', async () => {
    const { tenants, registry, told } = await followed()
    const before = registry.snapshot()
    tenants.put('globex.yaml', 'tenant_id: [')
    await until(() => registry.problems().length > 0)
    expect(registry.snapshot()).toBe(before)
    rmSync(tenants.path, { recursive: true })
    await until(() => registry.problems()[0]?.message.includes('ENOENT') === true)
    expect(registry.find(globex)?.status).toBe('active')
    mkdirSync(tenants.path)
    await until(() => registry.problems()[0]?.message === 'there is no tenant at all')
    expect(registry.snapshot()).toBe(before)
    tenants.put('acme.yaml', yaml('acme'))
    tenants.put('globex.yaml', yaml('globex', 'suspended'))
    await until(() => registry.find(globex)?.status === 'suspended')
    // The notices of the new folder arrive, too.
    tenants.put('globex.yaml', yaml('globex'))
    await until(() => registry.find(globex)?.status === 'active')
    expect(registry.problems()).toEqual([])
    expect(told.filter((reload) => !reload.ok).length).toBeLessThanOrEqual(4)
    expect(told.at(-1)).toEqual({ ok: true, snapshot: registry.snapshot() })
  })

  it('is followed through the swap of a mounted ConfigMap', async () => {
    const tenants = folder()
    for (const [release, status] of [
      ['..one', 'active'],
      ['..two', 'suspended'],
    ] as const) {
      mkdirSync(join(tenants.path, release))
      tenants.put(`${release}/acme.yaml`, yaml('acme'))
      tenants.put(`${release}/globex.yaml`, yaml('globex', status))
    }
    symlinkSync('..one', join(tenants.path, '..data'))
    for (const name of ['acme.yaml', 'globex.yaml'])
      symlinkSync(`..data/${name}`, join(tenants.path, name))
    const registry = await createRegistry(yamlDirectory(tenants.path))
    onTestFinished(() => {
      registry.close()
    })
    symlinkSync('..two', join(tenants.path, '..next'))
    renameSync(join(tenants.path, '..next'), join(tenants.path, '..data'))
    await until(() => registry.find(globex)?.status === 'suspended')
    expect(registry.find(acme)?.status).toBe('active')
  })

  it('is followed by notices alone, through another folder in its place', async () => {
    const tenants = folder()
    const next = folder()
    for (const one of [tenants, next]) one.put('acme.yaml', yaml('acme'))
    tenants.put('globex.yaml', yaml('globex'))
    next.put('globex.yaml', yaml('globex', 'suspended'))
    const registry = await createRegistry(yamlDirectory(tenants.path, { pollMs: 3_600_000 }))
    onTestFinished(() => {
      registry.close()
    })
    renameSync(tenants.path, `${tenants.path}.old`)
    renameSync(next.path, tenants.path)
    await until(() => registry.find(globex)?.status === 'suspended')
    tenants.put('globex.yaml', yaml('globex'))
    await until(() => registry.find(globex)?.status === 'active')
  })

  it('tells nothing and reads nothing once it is closed', async () => {
    const { tenants, registry, told } = await followed()
    registry.close()
    tenants.put('globex.yaml', yaml('globex', 'suspended'))
    await expect(registry.reload()).rejects.toMatchObject({ code: 'registry.closed' })
    expect(registry.find(globex)?.status).toBe('active')
    expect(told).toEqual([])
  })

  it('is never seen in two states at once while it is written', async () => {
    const { tenants, registry } = await followed()
    // Two files that always say the same, replaced by renames while readings go on.
    for (let round = 0; round < 15; round += 1) {
      const status = round % 2 === 0 ? 'suspended' : 'active'
      const reading = registry.reload()
      for (const id of ['acme', 'globex']) {
        tenants.put(`${id}.tmp`, yaml(id, status))
        renameSync(join(tenants.path, `${id}.tmp`), join(tenants.path, `${id}.yaml`))
      }
      await reading
      const statuses = registry.snapshot().tenants.map((tenant) => tenant.status)
      expect(new Set(statuses).size).toBe(1)
    }
  })
})

describe('signals', () => {
  it('abort for a tenant that is suspended or gone, and for no other', async () => {
    let list = two
    const registry = await createRegistry(memory(() => list))
    const [one, other] = [registry.signal(acme), registry.signal(globex)]
    expect(registry.signal(acme)).toBe(one)
    list = two.map((tenant) =>
      tenant.tenantId === 'acme' ? { ...tenant, status: 'suspended' } : tenant,
    )
    await registry.reload()
    expect([one.aborted, other.aborted]).toEqual([true, false])
    expect(one.reason).toMatchObject({ code: 'tenant.unknown' })
    expect(registry.signal(acme).aborted).toBe(true)
    list = two.slice(0, 1)
    await registry.reload()
    expect(other.aborted).toBe(true)
    expect(registry.signal(acme).aborted).toBe(false)
    expect(one.aborted).toBe(true)
  })
})

describe('readings', () => {
  it('are applied in the order in which they were asked for', async () => {
    const releases: (() => void)[] = []
    let asked = 0
    const source: RegistrySource = {
      async read() {
        asked += 1
        const name = `Reading ${asked}`
        if (asked > 1) await new Promise<void>((resolve) => releases.push(resolve))
        return {
          documents: [{ value: { tenant_id: 'acme', name, status: 'active' } }],
          problems: [],
        }
      },
    }
    const registry = await createRegistry(source)
    const [first, second] = [registry.reload(), registry.reload()]
    await until(() => releases.length === 1)
    releases[0]?.()
    expect((await first).snapshot.tenants[0]?.name).toBe('Reading 2')
    await until(() => releases.length === 2)
    releases[1]?.()
    expect((await second).snapshot.version).toBe(3)
    expect(registry.find(acme)?.name).toBe('Reading 3')
  })

  it('that fail in the same way again are news once', async () => {
    let broken = false
    const registry = await createRegistry(
      memory(() => {
        if (broken) throw new Error('database gone')
        return two
      }),
    )
    const told: boolean[] = []
    registry.onChange(({ ok }) => {
      told.push(ok)
    })
    for (const state of [true, true, true, false, true]) {
      broken = state
      expect((await registry.reload()).ok).toBe(!state)
    }
    expect(told).toEqual([false, true, false])
  })

  it('reach every listener, though another one throws', async () => {
    const registry = await createRegistry(memory(two))
    const faults: WallEvent[] = []
    onTestFinished(
      onDecision((event) => {
        faults.push(event)
      }),
    )
    let calls = 0
    registry.onChange(() => {
      throw new Error('broken listener')
    })
    const stop = registry.onChange(() => {
      calls += 1
    })
    await registry.reload()
    stop()
    await registry.reload()
    expect(calls).toBe(1)
    expect(faults.map((event) => event.type)).toEqual(['fault', 'fault'])
  })
})
