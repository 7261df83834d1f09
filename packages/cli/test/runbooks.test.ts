import { cpSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bundlePrograms, type Programs } from './fixtures/bundle.ts'
import type { InstanceSetup, Leak } from './fixtures/instance.ts'
import { jsonBlockOf, openShell, type Shell, shellBlocksOf } from './fixtures/page.ts'
import { liveThroughStages, type Stages } from './fixtures/stages.ts'
import {
  createWorld,
  dayMs,
  environments,
  hourMs,
  type Instance,
  type World,
} from './fixtures/world.ts'

const timeout = 120_000
const critical = 'User,RefreshToken,PasswordResetToken,MfaBackupCode,AuditLog'
const others = 'Role,UserRole,SecurityAlert,RolePermission'

let programs: Programs
let stages: Stages | undefined
beforeAll(async () => {
  programs = await bundlePrograms()
  stages = await liveThroughStages(programs)
}, timeout)
afterAll(() => {
  stages?.remove()
  programs.remove()
})

function endOf(stage: 0 | 1 | 2 | 3): Promise<World> {
  if (stages === undefined) throw new Error('the stages were not lived through')
  return stages.endOf(stage)
}

/** A page while it is worked through: its world, its instances, its blocks one after the other. */
interface Reader {
  readonly world: World
  readonly shell: Shell
  /** Runs the next block of the page. */
  next(): Promise<string>
  /** Replaces every instance, as a deployment or a restart does. */
  deploy(setup?: Partial<InstanceSetup>): Promise<readonly Instance[]>
  fleet(): readonly Instance[]
  serve(leaks?: readonly Leak[], requests?: number, overheadMs?: number): Promise<void>
  pass(hours: number, leaks?: readonly Leak[]): Promise<void>
}

const users: Leak = { model: 'User', endpoint: '/api/admin/users', count: 3 }
const roles: Leak = { model: 'Role', endpoint: '/api/admin/roles', count: 2 }

/** Reads a page in `world`; every block must have been run at the end. */
async function read(
  page: string,
  world: World,
  calls: readonly string[],
  work: (reader: Reader) => Promise<void>,
): Promise<void> {
  const blocks = [...shellBlocksOf(page)]
  const shell = openShell(world, calls)
  let fleet: readonly Instance[] = []
  try {
    await work({
      world,
      shell,
      fleet: () => fleet,
      next() {
        const block = blocks.shift()
        if (block === undefined) throw new Error(`${page} has no more blocks`)
        return shell.run(block)
      },
      async deploy(setup) {
        await Promise.all(fleet.map((instance) => instance.close()))
        const environment = await environmentOnRecord(world)
        fleet = await Promise.all(
          ['api-1', 'api-2'].map((name) => world.start(name, { environment, ...setup })),
        )
        return fleet
      },
      async serve(leaks = [], requests = 40, overheadMs = 0.05) {
        await Promise.all(fleet.map((it) => it.serve({ requests, leaks, overheadMs })))
      },
      async pass(hours, leaks = []) {
        await world.pass(hours, fleet, { requests: 40, leaks })
      },
    })
    expect(blocks, `blocks of ${page} that were not run`).toEqual([])
    expect(shell.calls()).toEqual(calls)
  } finally {
    await world.remove()
  }
}

/** The variables that a deployment has in this stage, as the pages of the stages say. */
async function environmentOnRecord(world: World): Promise<InstanceSetup['environment']> {
  const { code, stdout } = await world.cli('rollout', 'status', '--json')
  return code === 0 ? environments[JSON.parse(stdout).result.stage] : undefined
}

/** A text without its line breaks, which depend on widths. */
function flat(text: string): string {
  return text.replace(/\s+/g, ' ')
}

/** Waits until the instances show it: they follow files and records by themselves. */
async function until(what: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!(await what())) {
    if (Date.now() > deadline) throw new Error('it did not come true within 10 s')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** A world that has just entered a stage, with both instances running. */
async function enter(reader: Reader): Promise<void> {
  await reader.deploy()
  await reader.serve()
  const by = ['--actor', 'alice', '--reason', 'the page begins here', '--wait', '30']
  const { code, stdout, stderr } = await reader.world.cli('rollout', 'advance', ...by)
  expect(code, stdout + stderr).toBe(0)
  // The deployment follows the record; a restart of the same release changes nothing.
  await reader.deploy()
  await reader.serve()
}

it('finds a test for every page', () => {
  const folder = fileURLToPath(new URL('../../../docs/runbooks', import.meta.url))
  const own = readFileSync(fileURLToPath(import.meta.url), 'utf8')
  for (const page of readdirSync(folder).filter((name) => name.endsWith('.md'))) {
    expect(own, page).toContain(`'${page}',`)
  }
})

it('sets up the command as the first page says', { timeout }, async () => {
  const world = await endOf(0)
  world.write('partywall.json', jsonBlockOf('README.md'))
  world.write('flags.json', '{ "PARTYWALL_TENANCY_ENABLED": true }')
  await read('README.md', world, [], async ({ next, deploy, serve }) => {
    await deploy()
    await serve()
    const said = await next()
    expect(said).toContain('0 errors, 0 warnings')
    expect(said).toContain('fleet: 2 expected, 0 not as they should be')
  })
})

it('goes from log only through fixes to zero errors in staging [procedure 157]', {
  timeout,
}, async () => {
  const world = await createWorld({ programs })
  const {
    state: _,
    expectedInstances: _instances,
    ...content
  } = JSON.parse(jsonBlockOf('README.md'))
  world.write('partywall.json', content)
  const staging = { state: undefined, environment: {}, flagFile: world.path('flags.json') }
  await read('staging-first.md', world, [], async ({ next, deploy, serve, fleet }) => {
    const inMode = (mode: string) => () =>
      Promise.all(fleet().map((it) => it.snapshot())).then((all) =>
        all.every((it) => it.mode === mode),
      )
    await next()
    await deploy(staging)
    expect(await next()).toMatch(/flag file +ok/)
    await until(inMode('log_only'))
    await serve([users, roles])
    expect(await next()).toContain('10 violations of every tenant')
    world.move(2 * hourMs)
    await deploy({ ...staging, release: 'r2' })
    await serve()
    expect(await next()).toContain('0 violations')
    await next()
    await until(inMode('enforce'))
    await serve()
    expect(await next()).toMatch(/Errors \(last 1h\) +0\n/)
    // The same command would have stopped the way to production.
    await serve([roles])
    const late = await world.cli(
      ...['violations', 'list', '--decision', 'block', '--since', '1h', '--fail-on-any'],
    )
    expect(late.code).toBe(1)
  })
})

it('prepares without cost and can be taken out again [procedure 45, 46, 51]', {
  timeout,
}, async () => {
  const world = await createWorld({ programs })
  const calls = [
    'kubectl set env deployment/api TENANT_ENFORCEMENT_ENABLED=false',
    'kubectl rollout status deployment/api',
    'git revert --no-edit HEAD',
    'kubectl rollout undo deployment/api',
    'kubectl rollout status deployment/api',
  ]
  await read(
    'phase-0-preparation.md',
    world,
    calls,
    async ({ next, deploy, serve, pass, fleet }) => {
      expect(await next()).toContain('0 (prepared)')
      await next()
      await deploy()
      await pass(24)
      await serve([users])
      const verified = await next()
      expect(verified).toContain('0 errors')
      expect(verified.match(/ live /g)).toHaveLength(2)
      const cost = await next()
      expect(cost).toMatch(/Performance impact \(p95\) +\+0\.\d+ ms/)
      expect(cost).toContain('1 d')
      await pass(24)
      expect(await next()).toMatch(/1 \(detection\)/)
      await next()
      // Nothing was written down while nothing was enforced.
      const { stdout } = await world.cli('violations', 'list', '--since', '7d')
      expect(stdout).toContain('0 violations')
      for (const instance of fleet()) expect((await instance.snapshot()).mode).toBe('log_only')
    },
  )
})

it('detects for a week, from daily summaries to a falling rate [procedure 56, 58–60, 158]', {
  timeout,
}, async () => {
  const world = await endOf(0)
  const calls = [
    'kubectl set env deployment/api TENANT_ENFORCEMENT_ENABLED=true TENANT_ENFORCEMENT_MODE=log_only TENANT_ENFORCEMENT_MODELS=all',
    'kubectl rollout status deployment/api',
  ]
  await read('phase-1-detection.md', world, calls, async (reader) => {
    const { next, deploy, serve, pass } = reader
    await enter(reader)
    await next()
    const { stdout: agreeing } = await world.cli('rollout', 'status', '--json')
    expect(JSON.parse(agreeing).result).toMatchObject({ generation: 2, mode: 'log_only' })
    await pass(36, [users, roles])
    await serve([users, roles])
    const summary = await next()
    expect(summary).toContain('# Tenant Enforcement Violations - ')
    expect(summary).toContain('Tenant Violations (Last 24h)')
    expect(await next()).toMatch(/red +\d+ .*violations on CRITICAL models/)
    expect(await next()).toContain('Confine User to the tenant at /api/admin/users')
    await deploy({ release: 'r2' })
    await pass(6 * 24, [roles])
    await serve()
    const trend = await next()
    expect(trend).toContain('/day')
    expect(trend).toContain('0 violations')
    await pass(12)
    await serve()
    expect(await next()).toMatch(/2 \(selective\)/)
    expect(await next()).toMatch(/enforcement +off/)
  })
})

it('enforces CRITICAL models, triages, and verifies zero errors [procedure 75–77, 159]', {
  timeout,
}, async () => {
  const world = await endOf(1)
  const calls = [
    `kubectl set env deployment/api TENANT_ENFORCEMENT_ENABLED=true TENANT_ENFORCEMENT_MODE=selective TENANT_ENFORCEMENT_ENFORCE_MODELS=${critical} TENANT_ENFORCEMENT_LOG_MODELS=${others}`,
    'kubectl rollout status deployment/api',
  ]
  await read('phase-2-selective.md', world, calls, async ({ next, deploy, serve, pass }) => {
    await deploy()
    await serve()
    expect(await next()).toContain('enforced        User, RefreshToken')
    await next()
    await deploy()
    await pass(24)
    await serve([users, roles])
    const monitored = await next()
    expect(monitored).toContain('1 blocked signature')
    expect(monitored).toMatch(/Errors \(last 1h\) +6\n/)
    expect(await next()).toContain('legitimate')
    await deploy({ release: 'r2' })
    await pass(3 * 24)
    await serve()
    expect(await next()).toContain('0 violations')
    await pass(2 * 24)
    await serve()
    expect(await next()).toMatch(/3 \(full\)/)
    const back = await next()
    expect(back).toContain('log_only, rolled back')
    expect(back).toContain('taken out    AuditLog')
    const { stdout } = await world.cli('rollout', 'status', '--json')
    expect(JSON.parse(stdout).result).toMatchObject({ mode: 'enforce', removedModels: [] })
  })
})

it('enforces everything, mends edge cases, and verifies that it is stable [procedure 89, 160]', {
  timeout,
}, async () => {
  const world = await endOf(2)
  const calls = [
    'kubectl set env deployment/api TENANT_ENFORCEMENT_ENABLED=true TENANT_ENFORCEMENT_MODE=enforce TENANT_ENFORCEMENT_ENFORCE_MODELS=all',
    'kubectl rollout status deployment/api',
  ]
  await read('phase-3-full.md', world, calls, async ({ next, deploy, serve, pass }) => {
    await deploy()
    await serve()
    expect(await next()).toContain('RolePermission')
    await next()
    await pass(24)
    await serve([users, roles])
    expect(await next()).toContain('2 blocked signatures, 2 of them open')
    const triaged = await next()
    expect(triaged.match(/: legitimate/g)).toHaveLength(2)
    await deploy({ release: 'r2' })
    await pass(3 * 24)
    await serve()
    expect(await next()).toContain('0 violations')
    await pass(8 * 24)
    await serve()
    expect(await next()).toContain('GREEN')
    expect(await next()).toContain('selective, rolled back')
    const { stdout } = await world.cli('rollout', 'status', '--json')
    expect(JSON.parse(stdout).result.enforcedModels.join()).toBe(critical)
  })
})

it('hardens: no flag, no command opens the walls, bypasses audited [procedure 95, 161]', {
  timeout,
}, async () => {
  const world = await endOf(3)
  const calls = [
    'kubectl set env deployment/api TENANT_ENFORCEMENT_ENABLED- TENANT_ENFORCEMENT_MODE- TENANT_ENFORCEMENT_MODELS-',
    'kubectl set env deployment/api TENANT_ENFORCEMENT_ENFORCE_MODELS- TENANT_ENFORCEMENT_LOG_MODELS-',
    'kubectl set env deployment/api TENANT_ENFORCEMENT_ALLOW_BYPASS- TENANT_ENFORCEMENT_BYPASS_REQUIRES_REASON-',
    'kubectl rollout status deployment/api',
  ]
  const job = { name: 'nightly', actor: 'nightly', reason: 'nightly_cleanup', models: ['User'] }
  const nightly: Leak = { ...users, endpoint: 'nightly', count: 1, system: job }
  const undocumented: Leak = { ...nightly, system: { ...job, actor: 'somebody' } }
  await read('phase-4-hardening.md', world, calls, async ({ next, deploy, serve, pass, fleet }) => {
    await deploy()
    await serve()
    expect(await next()).toMatch(/4 \(hardened\)/)
    expect(await next()).toContain('always on')
    await next()
    const loosened = world.start('api-1', {
      always: true,
      environment: { TENANT_ENFORCEMENT_ENABLED: 'false' },
    })
    await expect(loosened).rejects.toThrow(/TENANT_ENFORCEMENT_ENABLED/)
    await deploy({ environment: {}, always: true, release: 'r5', systemJobs: [job] })
    await pass(24)
    await serve([nightly])
    expect(flat(await next())).toContain('bypassed by nightly (nightly_cleanup) 2')
    const verified = await next()
    expect(verified).toContain('always')
    expect(verified).toContain('0 errors')
    expect(verified).toContain('GREEN')
    for (const instance of fleet()) expect((await instance.snapshot()).mode).toBe('always')
    // A job that is not in the list of the code has no bypass.
    await serve([undocumented])
    const { stdout } = await world.cli('violations', 'list', '--decision', 'block')
    expect(stdout).toContain('block 2')
  })
})

it('rolls back instantly, latches, and comes back by a named actor [procedure 140–142]', {
  timeout,
}, async () => {
  const world = await endOf(2)
  const calls = [
    'kubectl set env deployment/api TENANT_ENFORCEMENT_MODE=log_only',
    'kubectl set env deployment/api TENANT_ENFORCEMENT_ENABLED=false',
  ]
  await read('instant-rollback.md', world, calls, async (reader) => {
    const { next, deploy, serve, fleet, pass } = reader
    await enter(reader)
    await pass(25)
    await serve([{ ...users, count: 60 }], 1000)
    const red = await world.cli('rollout', 'check')
    expect(red.stdout).toMatch(/red .*requests with a blocked query/)
    cpSync(world.path('state'), world.path('before'), { recursive: true })

    const began = Date.now()
    expect(await next()).toContain('every instance applied it')
    expect(Date.now() - began).toBeLessThan(60_000)
    for (const instance of fleet()) expect((await instance.snapshot()).mode).toBe('log_only')

    // The environment does the same: an instance that is restarted with it, before the rollback.
    await next()
    await next()
    for (const [change, expected] of [
      [{ TENANT_ENFORCEMENT_MODE: 'log_only' }, { mode: 'log_only' }],
      [{ TENANT_ENFORCEMENT_ENABLED: 'false' }, { enforcement: 'off' }],
    ] as const) {
      cpSync(world.path('before'), world.path('elsewhere'), { recursive: true, force: true })
      const state = world.path('elsewhere')
      const restarted = await world.start('api-1', {
        state,
        environment: { ...environments[3], ...change },
      })
      expect(await restarted.snapshot()).toMatchObject(expected)
      await restarted.close()
    }

    const seen = await next()
    expect(seen).toContain('log_only, rolled back: re-arm it')
    expect(seen).not.toContain('GREEN')
    expect(await next()).toContain('rollback')
    await deploy({ release: 'r2' })
    await serve()
    expect(await next()).toMatch(/mode +enforce\n/)
  })
})

it('takes one model out while every other stays enforced [procedure 143]', {
  timeout,
}, async () => {
  const world = await endOf(1)
  const calls = [
    'kubectl set env deployment/api TENANT_ENFORCEMENT_ENFORCE_MODELS=User,PasswordResetToken,MfaBackupCode,AuditLog',
  ]
  const tokens: Leak = { ...users, model: 'RefreshToken' }
  await read('partial-rollback.md', world, calls, async (reader) => {
    const { next, serve, fleet } = reader
    await enter(reader)
    cpSync(world.path('state'), world.path('before'), { recursive: true })
    const began = Date.now()
    expect(await next()).toContain('taken out       RefreshToken')
    expect(Date.now() - began).toBeLessThan(60_000)
    const left = critical.split(',').filter((model) => model !== 'RefreshToken')
    for (const instance of fleet()) expect((await instance.snapshot()).enforcedModels).toEqual(left)

    await next()
    const restarted = await world.start('api-1', {
      state: world.path('before'),
      environment: { ...environments[2], TENANT_ENFORCEMENT_ENFORCE_MODELS: left.join() },
    })
    expect((await restarted.snapshot()).enforcedModels).toEqual(left)
    await restarted.close()

    await serve([tokens, users])
    const listed = await next()
    expect(listed).toContain('log 6')
    expect(listed).not.toContain('block')
    expect((await world.cli('violations', 'list', '--model', 'User')).stdout).toContain('block 6')
    expect(await next()).not.toContain('taken out')
  })
})

it('takes the whole release back, and enforcement comes back with the mended one [procedure 144]', {
  timeout,
}, async () => {
  const world = await endOf(2)
  const calls = [
    'git revert --no-edit HEAD',
    'kubectl rollout undo deployment/api',
    'kubectl rollout status deployment/api',
  ]
  await read('full-rollback.md', world, calls, async (reader) => {
    const { next, deploy, serve, fleet } = reader
    await enter(reader)
    await next()
    for (const instance of fleet()) expect((await instance.snapshot()).enforcement).toBe('off')
    await next()
    await deploy({ release: 'r0' })
    await serve([users])
    const seen = await next()
    expect(seen).toContain('OFF: nothing is blocked')
    expect(seen).toMatch(/error +enforcement is off/)
    await deploy({ release: 'r2' })
    await serve()
    expect(await next()).toMatch(/mode +enforce\n/)
  })
})

it('rolls back, analyses and triages a false positive [procedure 145]', { timeout }, async () => {
  const world = await endOf(2)
  await read('false-positives.md', world, [], async (reader) => {
    const { next, deploy, serve } = reader
    await enter(reader)
    await serve([users])
    expect(await next()).toContain('select on User at /api/admin/users')
    expect(await next()).toContain('rolled back')
    expect(await next()).toContain('stack of the last one')
    const triaged = await next()
    expect(triaged).toContain('false positive (record 1)')
    expect(triaged).not.toContain('GREEN')
    await deploy({ release: 'r2' })
    await serve()
    const mended = await next()
    expect(mended).toContain('legitimate')
    expect(mended).not.toMatch(/^ +red/m)
  })
})

it('detects slow walls and opens them above 10 ms [procedure 147, 148]', { timeout }, async () => {
  const world = await endOf(3)
  const calls = ['curl -fsS http://api.internal/metrics']
  await read('performance.md', world, calls, async ({ next, deploy, serve, fleet }) => {
    await deploy()
    await serve()
    expect(await next()).toContain('GREEN')
    await next()
    await serve([], 3000, 12)
    expect(await next()).toMatch(/red +(?:unbounded|\d+ ms) +<= 5 ms/)
    for (const instance of fleet()) expect((await instance.snapshot()).enforcement).toBe('off')
    await next()
    for (const instance of fleet()) expect((await instance.snapshot()).enforcement).toBe('on')
  })
})

it('reviews bypasses by actor, reason and stack, and forbids them [procedure 149–151]', {
  timeout,
}, async () => {
  const world = await endOf(2)
  const system = { actor: 'export-job', reason: 'nightly_cleanup' }
  const bypass: Leak = { ...users, endpoint: 'nightly', count: 3, system }
  await read('bypass-review.md', world, [], async (reader) => {
    const { next, serve, fleet } = reader
    const allowed = (): Promise<readonly boolean[]> =>
      Promise.all(fleet().map(async (it) => (await it.snapshot()).allowBypass))
    await enter(reader)
    const by = ['--actor', 'alice', '--reason', 'exports are documented', '--wait', '30']
    await world.cli('rollout', 'configure', '--allow-bypass', 'true', ...by)
    expect(await allowed()).toEqual([true, true])
    await serve([bypass])
    const alert = await next()
    expect(alert).toMatch(/Bypasses \(last 1h\) +6\n/)
    expect(flat(alert)).toContain('bypassed by export-job (nightly_cleanup) 6')
    expect(alert).toContain('stack of the last one')
    expect(await next()).toMatch(/configure.* alice: undocumented bypass/)
    expect(await allowed()).toEqual([false, false])
    await serve([bypass])
    const blocked = await world.cli('violations', 'list', '--decision', 'block')
    expect(blocked.stdout).toContain('block 6')
    expect(flat(await next())).toContain('bypassed by export-job')
  })
})

it('goes back to logging and extends detection after a late discovery [procedure 152]', {
  timeout,
}, async () => {
  const world = await endOf(2)
  const calls = [
    'kubectl set image deployment/api-canary api=api:43',
    'kubectl rollout status deployment/api-canary',
  ]
  await read('late-discovery.md', world, calls, async (reader) => {
    const { next, deploy, serve, pass } = reader
    await enter(reader)
    await next()
    await pass(48, [roles])
    expect(await next()).not.toContain('GREEN')
    const canary = await world.start('api-canary', {
      release: 'r2',
      environment: environments[3],
    })
    expect(await next()).toContain('api-canary')
    const during = await world.cli('rollout', 'check', '--json')
    expect(JSON.parse(during.stdout).result).toMatchObject({ verdict: 'inconclusive' })
    await canary.close()
    await deploy({ release: 'r2' })
    world.move(2 * hourMs)
    await serve()
    expect(await next()).toMatch(/mode +enforce\n/)
  })
})

it('keeps the stages to the weeks of the plan [procedure 162]', { timeout }, async () => {
  const world = await createWorld({ programs })
  await read('timeline.md', world, [], async ({ next, deploy, serve, pass }) => {
    const wait = async (days: number): Promise<void> => {
      await pass(days * 24)
      await serve()
    }
    await next()
    const began = world.now()
    await deploy()
    await wait(2)
    expect(await next()).toMatch(/1 \(detection\)/)
    await wait(7)
    expect(await next()).toContain('7 d')
    await wait(1)
    expect(await next()).toMatch(/2 \(selective\)/)
    await wait(6)
    expect(await next()).toMatch(/3 \(full\)/)
    await wait(12)
    expect(await next()).toMatch(/4 \(hardened\)/)
    expect((world.now() - began) / dayMs).toBe(28)
  })
})

/** Whether both instances run and go by the records as they are. */
async function follow(world: World): Promise<boolean> {
  const { stdout } = await world.cli('rollout', 'status', '--json')
  return Object.keys(JSON.parse(stdout).result.missing).length === 0
}

/** How many running instances say that the records are not those that they followed. */
async function lost(world: World): Promise<number> {
  const { stdout } = await world.cli('rollout', 'status', '--json')
  const instances: readonly { state: string; problems: readonly string[] }[] =
    JSON.parse(stdout).result.instances
  const live = instances.filter(({ state }) => state === 'live')
  return live.filter(({ problems }) => problems.includes('rollout.chain_broken')).length
}

it('tells the switch that closes from the switch that opens', { timeout }, async () => {
  const world = await endOf(2)
  const calls = [
    'kubectl set env deployment/api PARTYWALL_TENANCY_ENABLED=false',
    'kubectl set env deployment/api PARTYWALL_TENANCY_ENABLED-',
    'kubectl rollout restart deployment/api',
    'kubectl rollout status deployment/api',
  ]
  await read('kill-switch.md', world, calls, async (reader) => {
    const { next, fleet, deploy } = reader
    const all = (): Promise<readonly object[]> =>
      Promise.all(fleet().map((instance) => instance.snapshot()))
    await enter(reader)
    cpSync(world.path('state'), world.path('backup'), { recursive: true })
    expect(await next()).toContain('ON: only the default tenant is served')
    for (const snapshot of await all()) {
      expect(snapshot).toMatchObject({ killSwitch: 'on', enforcement: 'on' })
    }
    await next()
    await next()
    await next()
    for (const snapshot of await all()) {
      expect(snapshot).toMatchObject({ killSwitch: 'off', mode: 'enforce' })
    }
    expect(await next()).toContain('OFF: nothing is blocked')
    for (const snapshot of await all()) {
      expect(snapshot).toMatchObject({ killSwitch: 'off', enforcement: 'on', mode: 'enforce' })
    }

    // The service is closed when somebody puts back a backup that says off.
    const by = ['--actor', 'alice', '--reason', 'once more', '--wait', '30']
    expect((await world.cli('kill', 'on', ...by)).code).toBe(0)
    cpSync(world.path('backup'), world.path('elsewhere'), { recursive: true })
    renameSync(world.path('state'), world.path('lost'))
    renameSync(world.path('backup'), world.path('state'))
    await until(async () => (await lost(world)) === 2)
    for (const snapshot of await all()) expect(snapshot).toMatchObject({ killSwitch: 'on' })
    const restarted = await world.start('api-1', {
      state: world.path('elsewhere'),
      environment: environments[3],
    })
    expect(await restarted.snapshot()).toMatchObject({ killSwitch: 'off' })
    await restarted.close()

    expect(await next()).toContain('the backup of 02:00 was put back')
    for (const snapshot of await all()) expect(snapshot).toMatchObject({ killSwitch: 'on' })
    await next()
    expect([await lost(world), await follow(world)]).toEqual([2, false])
    await deploy()
    for (const snapshot of await all()) expect(snapshot).toMatchObject({ killSwitch: 'on' })
    await next()
    await until(() => follow(world))
    for (const snapshot of await all()) {
      expect(snapshot).toMatchObject({ killSwitch: 'off', enforcement: 'on', mode: 'enforce' })
    }
  })
})
