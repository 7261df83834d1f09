import { unknownModel } from '@partywall/context/spi'
import { createRollout, type Rollout } from '@partywall/rollout'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scopeOf, systemScope, violationOf } from './violations.ts'

const models = {
  User: 'CRITICAL',
  RefreshToken: 'CRITICAL',
  Role: 'HIGH',
  RolePermission: 'MEDIUM',
} as const
const T = 'TENANT_ENFORCEMENT_'
const acme = scopeOf('acme')
const globex = scopeOf('globex')

function rolloutOf(flags: Record<string, string>): Rollout {
  const entries = Object.entries(flags).map(([key, value]) => [T + key, value])
  return createRollout({ models, environment: Object.fromEntries(entries) })
}

function actionsOf(rollout: Rollout): Record<string, string> {
  const all = [...Object.keys(models), unknownModel]
  return Object.fromEntries(
    all.map((model) => {
      const [one, other] = [acme, globex].map((scope) =>
        rollout.enforcement.decide(violationOf(model), scope),
      )
      expect(one).toBe(other)
      return [model, one?.action ?? '']
    }),
  )
}

const every = (action: string): Record<string, string> =>
  Object.fromEntries([...Object.keys(models), unknownModel].map((model) => [model, action]))

describe('precedence', () => {
  // mutation src/decide.ts: if (rules.off !== undefined) return rules.off => if (rules.off === undefined) return rules.mode.unknown.decision
  it('lets every query pass while enforcement is off, whatever else is set [44, 50, 98, 106]', () => {
    const rollout = rolloutOf({ ENABLED: 'false', MODE: 'enforce', ENFORCE_MODELS: 'all' })
    expect(actionsOf(rollout)).toEqual(every('off'))
    expect(rollout.enforcement.watching).toBe(false)
  })

  // mutation src/compile.ts: off: mode === 'disabled' ? decide('off', off, false) : undefined, => off: flags.enabled ? undefined : decide('off', off, false),
  it('takes mode disabled for the same as off [99, 107]', () => {
    const rollout = rolloutOf({ ENABLED: 'true', MODE: 'disabled', ENFORCE_MODELS: 'all' })
    expect(actionsOf(rollout)).toEqual(every('off'))
    expect(rollout.enforcement.watching).toBe(false)
  })

  // mutation src/settings.ts: if (mode === 'enforce') return true => if (mode === 'enforce' || mode === 'log_only') return true
  it('logs and never blocks in mode log_only [53, 100, 108, 153]', () => {
    const rollout = rolloutOf({
      ENABLED: 'true',
      MODE: 'log_only',
      MODELS: 'all',
      ENFORCE_MODELS: 'all',
    })
    expect(actionsOf(rollout)).toEqual(every('log'))
    expect(rollout.enforcement.watching).toBe(true)
  })

  // mutation src/settings.ts: return mode === 'selective' && lists(flags.enforceModels, model) => return mode === 'selective' && lists(flags.logModels, model)
  it('blocks the ENFORCE list, logs the LOG list and allows the rest in mode selective [66, 82, 101, 102, 109, 155]', () => {
    const lists = { ENFORCE_MODELS: 'User,RefreshToken', LOG_MODELS: 'Role' }
    expect(actionsOf(rolloutOf({ ENABLED: 'true', MODE: 'selective', ...lists }))).toEqual({
      User: 'block',
      RefreshToken: 'block',
      Role: 'log',
      RolePermission: 'allow',
      [unknownModel]: 'block',
    })
    const fewer = { ...lists, ENFORCE_MODELS: 'RefreshToken' }
    expect(actionsOf(rolloutOf({ ENABLED: 'true', MODE: 'selective', ...fewer }))).toMatchObject({
      User: 'allow',
      RefreshToken: 'block',
    })
  })

  // mutation src/settings.ts: if (mode === 'enforce') return true => if (mode === 'enforce') return lists(flags.enforceModels, model)
  it('blocks everything and ignores both lists in mode enforce [84, 110]', () => {
    const lists = { ENFORCE_MODELS: 'User', LOG_MODELS: 'Role' }
    expect(actionsOf(rolloutOf({ ENABLED: 'true', MODE: 'enforce', ...lists }))).toEqual(
      every('block'),
    )
    expect(actionsOf(rolloutOf({ ENABLED: 'true', MODE: 'enforce' }))).toEqual(every('block'))
  })

  it('blocks a model that nobody declared as soon as anything is enforced', () => {
    const lists = { ENFORCE_MODELS: 'Role', LOG_MODELS: 'all' }
    const selective = rolloutOf({ ENABLED: 'true', MODE: 'selective', ...lists })
    expect(selective.enforcement.decide(violationOf('Nobody'), acme).action).toBe('block')
    const logging = rolloutOf({ ENABLED: 'true', MODE: 'log_only' })
    expect(logging.enforcement.decide(violationOf('Nobody'), acme).action).toBe('log')
  })

  // mutation src/settings.ts: return lists(flags.models, model) && (mode => return (mode
  it('counts models outside MODELS without logging them [100]', () => {
    const rollout = rolloutOf({ ENABLED: 'true', MODE: 'log_only', MODELS: 'User' })
    const { decide } = rollout.enforcement
    expect(decide(violationOf('User'), acme)).toMatchObject({ action: 'log', record: true })
    expect(decide(violationOf('Role'), acme)).toMatchObject({ action: 'allow', record: false })
  })
})

describe('sampling', () => {
  // mutation src/decide.ts: return Math.random() < rules.sampleRate ? outcome.decision : outcome.unsampled => return outcome.decision
  it('writes about the asked share of what is logged [105]', () => {
    const { decide } = rolloutOf({
      ENABLED: 'true',
      MODE: 'log_only',
      LOG_SAMPLE_RATE: '0.1',
    }).enforcement
    const decisions = Array.from({ length: 100_000 }, () => decide(violationOf('Role'), acme))
    expect(new Set(decisions.map(({ action }) => action))).toEqual(new Set(['log']))
    const written = decisions.filter(({ record }) => record).length
    // Ten standard deviations around 10 000.
    expect(written).toBeGreaterThan(9_000)
    expect(written).toBeLessThan(11_000)
  })

  it('never leaves out a block or a bypass', () => {
    const { decide } = rolloutOf({
      ENABLED: 'true',
      MODE: 'enforce',
      ALLOW_BYPASS: 'true',
      LOG_SAMPLE_RATE: '0.001',
    }).enforcement
    const job = systemScope({ actor: 'ops', reason: 'cleanup' })
    for (let index = 0; index < 1_000; index += 1) {
      expect(decide(violationOf('User'), acme)).toMatchObject({ action: 'block', record: true })
      expect(decide(violationOf('User'), job)).toMatchObject({ action: 'bypass', record: true })
    }
  })
})

describe('bypass', () => {
  const enforce = { ENABLED: 'true', MODE: 'enforce' }
  const named = systemScope({ actor: 'ops', reason: 'cleanup' })
  const unnamed = systemScope({ actor: 'ops' })

  // mutation src/compile.ts: bypass: always || flags.allowBypass ? => bypass: always || flags.mode ?
  it('needs its flag [103, 149]', () => {
    for (const flags of [enforce, { ...enforce, ALLOW_BYPASS: 'false' }]) {
      const { decide } = rolloutOf(flags).enforcement
      expect(decide(violationOf('User'), named).action).toBe('block')
    }
    const { decide } = rolloutOf({ ...enforce, ALLOW_BYPASS: 'true' }).enforcement
    expect(decide(violationOf('User'), named)).toMatchObject({ action: 'bypass', reason: 'bypass' })
    expect(decide(violationOf('User'), acme).action).toBe('block')
  })

  // mutation src/decide.ts: return named || !rules.bypassRequiresReason => return named || rules.bypassRequiresReason
  it('needs a reason unless the flags do without, and always an actor [104, 149]', () => {
    const allowed = { ...enforce, ALLOW_BYPASS: 'true' }
    for (const flags of [allowed, { ...allowed, BYPASS_REQUIRES_REASON: 'true' }]) {
      const { decide } = rolloutOf(flags).enforcement
      expect(decide(violationOf('User'), unnamed).action).toBe('block')
      expect(decide(violationOf('User'), named).action).toBe('bypass')
    }
    const { decide } = rolloutOf({ ...allowed, BYPASS_REQUIRES_REASON: 'false' }).enforcement
    expect(decide(violationOf('User'), unnamed).action).toBe('bypass')
    const blank = { ...named, system: { id: '1', actor: ' ', reason: 'cleanup' } }
    expect(decide(violationOf('User'), blank).action).toBe('block')
  })
})

interface World {
  readonly killed: boolean
  readonly enabled: boolean
  readonly mode: 'disabled' | 'log_only' | 'selective' | 'enforce'
  readonly observed: readonly string[]
  readonly enforced: readonly string[]
  readonly logged: readonly string[]
  readonly allowBypass: boolean
  readonly requiresReason: boolean
}

/** The order of a decision, written down as naively as it can be read. */
function reference(world: World, model: string, tenant: string, reason?: string): string {
  if (world.killed && tenant !== 'default') return 'block'
  if (!world.enabled || world.mode === 'disabled') return 'off'
  if (tenant === 'system' && world.allowBypass) {
    if (reason !== undefined || !world.requiresReason) return 'bypass'
  }
  const declared = model in models
  const log = !declared || world.observed.includes(model) ? 'log' : 'allow'
  if (world.mode === 'log_only') return log
  if (world.mode === 'enforce') return 'block'
  if (world.enforced.includes(model)) return 'block'
  if (!declared) return world.enforced.length > 0 ? 'block' : 'log'
  return world.logged.includes(model) ? log : 'allow'
}

// mutation src/decide.ts: if (rules.bypass !== undefined && mayBypass(rules, scope)) return rules.bypass => if (rules.bypass !== undefined) return rules.bypass
it('decides like the naive reading of the flags, for every combination [106–110]', () => {
  const some = fc.subarray(Object.keys(models))
  const world: fc.Arbitrary<World> = fc.record({
    killed: fc.boolean(),
    enabled: fc.boolean(),
    mode: fc.constantFrom('disabled', 'log_only', 'selective', 'enforce'),
    observed: fc.subarray(Object.keys(models), { minLength: 1 }),
    enforced: fc.subarray(Object.keys(models), { minLength: 1 }),
    logged: some,
    allowBypass: fc.boolean(),
    requiresReason: fc.boolean(),
  })
  const scopes = {
    acme,
    default: scopeOf('default'),
    system: systemScope({ actor: 'ops' }),
  } as const
  const named = systemScope({ actor: 'ops', reason: 'cleanup' })
  fc.assert(
    fc.property(
      world,
      fc.constantFrom(...Object.keys(models), unknownModel, 'Nobody'),
      fc.constantFrom('acme', 'default', 'system' as const),
      fc.boolean(),
      (it, model, tenant, withReason) => {
        const rollout = createRollout({
          models,
          environment: {
            PARTYWALL_TENANCY_ENABLED: String(!it.killed),
            [`${T}ENABLED`]: String(it.enabled),
            [`${T}MODE`]: it.mode,
            [`${T}MODELS`]: it.observed.join(),
            [`${T}ENFORCE_MODELS`]: it.enforced.join(),
            ...(it.logged.length > 0 ? { [`${T}LOG_MODELS`]: it.logged.join(',') } : {}),
            [`${T}ALLOW_BYPASS`]: String(it.allowBypass),
            [`${T}BYPASS_REQUIRES_REASON`]: String(it.requiresReason),
          },
        })
        const scope = tenant === 'system' && withReason ? named : scopes[tenant]
        const decision = rollout.enforcement.decide(violationOf(model), scope)
        const reason = withReason ? 'cleanup' : undefined
        expect(decision.action).toBe(reference(it, model, tenant, reason))
        expect(Object.isFrozen(decision)).toBe(true)
        // Premade: asking again gives the same object.
        expect(rollout.enforcement.decide(violationOf(model), scope)).toBe(decision)
      },
    ),
    { numRuns: 500 },
  )
})

describe('the kill switch', () => {
  // mutation src/decide.ts: if (rules.killed !== undefined && tenantId !== defaultTenant) return rules.killed => if (rules.killed !== undefined && tenantId === defaultTenant) return rules.killed
  it('closes to everybody but the default tenant, jobs included, and opens nothing for it', () => {
    const environment = {
      [`${T}ENABLED`]: 'true',
      [`${T}MODE`]: 'enforce',
      [`${T}ALLOW_BYPASS`]: 'true',
      PARTYWALL_TENANCY_ENABLED: 'false',
    }
    const { enforcement, snapshot } = createRollout({ models, environment })
    const job = systemScope({ actor: 'ops', reason: 'cleanup' })
    for (const scope of [acme, globex, job, undefined]) {
      expect(enforcement.decide(violationOf('User'), scope)).toMatchObject({
        action: 'block',
        reason: 'kill_switch',
      })
    }
    const home = scopeOf('default')
    expect(enforcement.decide(violationOf('User'), home).reason).toBe('mode_enforce')
    for (const { tenant } of [acme, globex]) {
      if (tenant) expect(enforcement.refusal(tenant.tenantId)?.reason).toBe('kill_switch')
    }
    if (home.tenant) expect(enforcement.refusal(home.tenant.tenantId)).toBeUndefined()
    expect(snapshot()).toMatchObject({ killSwitch: 'on', enforcement: 'on' })
    expect(enforcement.watching).toBe(true)
  })

  it('is another switch than enforcement: each leaves the other as it is', () => {
    const off = createRollout({ models, environment: { [`${T}ENABLED`]: 'false' } })
    expect(off.snapshot()).toMatchObject({ enforcement: 'off', killSwitch: 'off' })
    const closed = createRollout({
      models,
      environment: { [`${T}ENABLED`]: 'false', PARTYWALL_TENANCY_ENABLED: 'false' },
      defaultTenant: 'globex',
    })
    expect(closed.snapshot()).toMatchObject({ enforcement: 'off', killSwitch: 'on' })
    expect(closed.enforcement.decide(violationOf('Role'), acme).action).toBe('block')
    expect(closed.enforcement.decide(violationOf('Role'), globex).action).toBe('off')
  })
})
