import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { runCli } from '@partywall/cli'
import { publish } from '@partywall/context/spi'
import { createRecorder } from '@partywall/telemetry'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { bundlePrograms, type Programs } from './fixtures/bundle.ts'
import type { Leak } from './fixtures/instance.ts'
import { liveThroughStages, type Stages } from './fixtures/stages.ts'
import { createWorld, environments, hourMs, type Instance, type World } from './fixtures/world.ts'

const timeout = 60_000
const by = ['--actor', 'alice', '--reason', 'ticket 4711'] as const
const acme = `tenant_id: acme
name: Acme
status: active
created_at: '2026-01-01'
updated_at: '2026-01-01'
`
const users: Leak = { model: 'User', endpoint: '/api/admin/users', count: 3 }
const roles: Leak = { model: 'Role', endpoint: '/api/admin/roles', count: 2 }

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

let world: World
beforeEach(async () => {
  world = await createWorld({ programs })
  return () => world.remove()
})

/** Goes on at the end of a stage, with its instances running as deployed then. */
async function goOn(stage: 0 | 1 | 2 | 3): Promise<readonly Instance[]> {
  await world.remove()
  if (stages === undefined) throw new Error('the stages were not lived through')
  world = await stages.endOf(stage)
  return startFleet(stage)
}

async function startFleet(stage: number, release = 'r1'): Promise<readonly Instance[]> {
  const setup = { environment: environments[stage], release }
  const fleet = [await world.start('api-1', setup), await world.start('api-2', setup)]
  await Promise.all(fleet.map((instance) => instance.serve({ requests: 40 })))
  return fleet
}

async function serve(fleet: readonly Instance[], leaks: readonly Leak[]): Promise<void> {
  await Promise.all(fleet.map((instance) => instance.serve({ requests: 40, leaks })))
}

async function result(...argv: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout } = await world.cli(...argv, '--json')
  const { result: found } = JSON.parse(stdout) as { result: Record<string, unknown> }
  return found
}

const changes = [
  ['rollout', 'init'],
  ['rollout', 'advance'],
  ['rollout', 'rollback'],
  ['rollout', 'restore', '--model', 'User'],
  ['rollout', 'rearm'],
  ['rollout', 'configure', '--instance', 'a'],
  ['enforcement', 'off'],
  ['enforcement', 'on'],
  ['kill', 'on'],
  ['kill', 'off'],
  ['violations', 'triage', '0123456789abcdef', '--as', 'legitimate'],
]

for (const argv of changes) {
  it(`refuses ${argv.slice(0, 2).join(' ')} without a named actor and a reason`, async () => {
    const folder = world.path('state')
    for (const [given, missing] of [
      [[], ['--actor is missing', '--reason is missing']],
      [['--actor', 'alice'], ['--reason is missing']],
      [
        ['--actor', ' ', '--reason', ''],
        ['--actor is blank', '--reason is blank'],
      ],
    ] as const) {
      const { code, stdout, stderr } = await world.cli(...argv, ...given)
      expect(code).toBe(2)
      expect(stdout).toBe('')
      for (const text of missing) expect(stderr).toContain(text)
    }
    expect(existsSync(folder)).toBe(false)
  })
}

it('refuses an option that is given twice where one value is meant, and records nothing', async () => {
  const folder = world.path('state')
  for (const [argv, option] of [
    [['rollout', 'init', ...by, '--actor', 'mallory'], '--actor'],
    [['rollout', 'init', ...by, '--reason=another'], '--reason'],
    [['kill', 'on', ...by, '--wait', '1', '--wait', '2'], '--wait'],
    [['violations', 'list', '--tenant', 'acme', '--tenant', 'globex'], '--tenant'],
    [['doctor', '--state', 'a', '--state', 'a'], '--state'],
  ] as const) {
    const { code, stdout, stderr } = await world.cli(...argv)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toBe(
      `partywall ${argv[0]}${argv[0] === 'doctor' ? '' : ` ${argv[1]}`}: ${option} is given twice: give it once\n`,
    )
  }
  expect(existsSync(folder)).toBe(false)
  // A list takes as many as there are.
  const list = ['--model', 'User=CRITICAL', '--model', 'Role=HIGH']
  expect((await world.cli('config', 'check', ...list)).code).toBe(0)
})

it('checks the flags of a service that is set up by its environment alone, given its models', async () => {
  const told = { stdout: '', stderr: '' }
  const check = (...models: readonly string[]): Promise<number> => {
    Object.assign(told, { stdout: '', stderr: '' })
    const to = (name: keyof typeof told): { write(text: string): void } => ({
      write: (text) => {
        told[name] += text
      },
    })
    const environment = { TENANT_ENFORCEMENT_ENABLED: 'true', TENANT_ENFORCEMENT_MODE: 'maybe' }
    const options = { environment, stdout: to('stdout'), stderr: to('stderr'), cwd: world.folder }
    return runCli(['config', 'check', ...models], options)
  }
  expect(await check('--model', 'User=CRITICAL', 'Role=HIGH')).toBe(2)
  expect(told.stdout).toContain('TENANT_ENFORCEMENT_MODE')
  expect(await check('--model', 'User')).toBe(2)
  expect(told.stderr).toContain('--model, entry 1')
  expect(await check()).toBe(0)
  expect(flat(told.stdout)).toContain('give them by --model')
})

it('refuses two forms of one report, and names the command that makes a state folder', async () => {
  const two = await world.cli('report', '--json', '--format', 'markdown')
  expect([two.code, two.stdout]).toEqual([2, expect.stringContaining('"cli.usage"')])
  expect(two.stdout).toContain('--json and --format markdown contradict each other')
  expect((await world.cli('report', '--json', '--format', 'json')).code).toBe(0)
  const none = await world.cli('rollout', 'status', '--state', 'nowhere')
  expect([none.code, flat(none.stderr)]).toEqual([
    2,
    expect.stringContaining('`partywall rollout init`'),
  ])
})

/** A text without its line breaks, which depend on widths. */
function flat(text: string): string {
  return text.replace(/\s+/g, ' ')
}

const wrongOptions: readonly (readonly [readonly string[], RegExp])[] = [
  [['nonsense'], /unknown command/],
  [['rollout', 'nonsense'], /unknown command/],
  [['rollout', 'status', '--nonsense'], /unknown option '--nonsense'/],
  [['rollout', 'status', 'extra'], /too many arguments/],
  [['rollout', 'status', '--state', ''], /--state is an empty string; expected a path/],
  [['rollout', 'status', '--config', 'absent.json'], /unreadable \(ENOENT\)/],
  [['rollout', 'rollback', '--to', 'enforce', ...by], /Allowed choices are log_only, selective/],
  [['rollout', 'rollback', '--to', 'log_only', '--model', 'User', ...by], /cannot be used with/],
  [['rollout', 'restore', ...by], /required option '--model <name>'/],
  [['rollout', 'history', '--limit', '0'], /expected a whole number, 1 to/],
  [['rollout', 'history', '--limit', 'ten'], /expected a whole number, 1 to/],
  [['kill', 'on', '--wait', '0', ...by], /expected a whole number, 1 to 600/],
  [['kill', 'on', '--wait', '1.5', ...by], /expected a whole number/],
  [['kill', 'on', '--wait', '-1', ...by], /expected a whole number|argument missing/],
  [['enforcement', 'off', '--wait', '601', ...by], /expected a whole number, 1 to 600/],
  [['report', '--format', 'xml'], /Allowed choices are text, markdown, json/],
  [['report', '--date', '2026-02-30'], /--date takes a day/],
  [['report', '--date', 'tomorrow'], /--date takes a day/],
  [['report', '--dashboard', 'nonsense'], /Allowed choices are violations, enforcement/],
  [['report', '--dashboard', 'violations', '--weekly'], /cannot be used with/],
  [['violations', 'list', '--severity', 'critical'], /Allowed choices are CRITICAL, HIGH, MEDIUM/],
  [['violations', 'list', '--decision', 'deny'], /Allowed choices are off, allow, log/],
  [['violations', 'list', '--since', 'yesterday'], /--since takes 90m, 24h, 7d/],
  [['violations', 'list', '--until', '2026-01-05T09:30'], /--until takes 90m, 24h, 7d/],
  [['violations', 'list', '--limit', '10001'], /expected a whole number/],
  [['violations', 'list', '--tenant', 'Acme Corp'], /--tenant is a string of 9 characters/],
  [['violations', 'list', '--blocked', '--tenant', 'acme'], /cannot be used with/],
  [['violations', 'triage', '--as', 'open', ...by], /missing required argument 'signatures'/],
  [['violations', 'triage', 'x', ...by], /required option '--as <ruling>'/],
  [['violations', 'triage', 'x', '--as', 'fine', ...by], /Allowed choices are open, legitimate/],
  [['rollout', 'init', '--model', 'User', ...by], /--model, entry 1 is a string of 4 characters/],
  [['rollout', 'init', '--model', 'User=critical', ...by], /one of CRITICAL, HIGH, MEDIUM/],
  [['rollout', 'init', '--model', 'A=HIGH', 'A=HIGH', ...by], /--model, entry 2/],
  [['rollout', 'init', '--model', 'A=HIGH', ...by], /--model is 1 model, none of them CRITICAL/],
  [['rollout', 'configure', '--model', 'A=HIGH', ...by], /expected at least one CRITICAL model/],
  [
    ['rollout', 'init', '--instance', 'a', 'a SECRET', 'a', ...by],
    /--instance, entry 2 is a string of 8 characters; expected a name .*--instance, entry 3 is the same/,
  ],
  [['rollout', 'configure', '--instance', '', ...by], /--instance, entry 1 is an empty string/],
  [['rollout', 'configure', '--days', '1000', ...by], /expected a number of days below 1000/],
]

for (const [argv, expected] of wrongOptions) {
  it(`ends with 2 and says why: ${argv.join(' ')}`, async () => {
    const { code, stdout, stderr } = await world.cli(...argv)
    expect(flat(stderr)).toMatch(expected)
    expect(stderr).not.toContain('SECRET')
    expect(code).toBe(2)
    expect(stdout).toBe('')
  })
}

it('refuses an actor or a reason that is too long to keep, says so, and shows neither', async () => {
  const long = 'SECRET'.repeat(400)
  for (const [option, argv] of [
    ['--actor', ['--actor', long, '--reason', 'ticket 4711']],
    ['--reason', ['--actor', 'alice', '--reason', long]],
  ] as const) {
    const { code, stderr } = await world.cli('kill', 'on', ...argv)
    expect(code).toBe(2)
    expect(flat(stderr)).toContain(`${option} is a string of 2400 characters; expected`)
    expect(flat(stderr)).toContain('at most 1000 characters')
    expect(stderr).not.toMatch(/missing|SECRET/)
  }
})

it('needs the folders that it reads, and names the option, the variable and the key', async () => {
  const bare = { environment: {}, cwd: world.folder, clock: world.now }
  for (const [argv, place] of [
    [['rollout', 'status'], '--state, PARTYWALL_STATE, or "state"'],
    [['violations', 'list'], '--violation-log, PARTYWALL_VIOLATION_LOG, or "violationLog"'],
    [['report'], '--aggregates, PARTYWALL_AGGREGATES, or "aggregates"'],
  ] as const) {
    const told: string[] = []
    const out = { write: (text: string) => told.push(text) }
    expect(await runCli(argv, { ...bare, stdout: out, stderr: out })).toBe(2)
    expect(told.join('').replace(/\s+/g, ' ')).toContain(place)
  }
})

it('says which folder cannot be read', async () => {
  for (const [option, argv] of [
    ['--violation-log', ['violations', 'list']],
    ['--aggregates', ['report']],
    ['--state', ['rollout', 'status']],
  ] as const) {
    const { code, stderr } = await world.cli(...argv, option, 'absent')
    expect(code).toBe(2)
    expect(stderr).toContain('ENOENT')
  }
})

it('prints one JSON document on stdout for a refusal, too', async () => {
  for (const argv of [
    ['rollout', 'status', '--json'],
    ['nonsense', '--json'],
    ['report', '--format', 'json', '--date', 'x'],
    ['rollout', 'advance', '--json'],
  ]) {
    const { code, stdout, stderr } = await world.cli(...argv)
    const told = JSON.parse(stdout) as {
      exitCode: number
      error: { code: string; message: string }
    }
    expect(told).toMatchObject({ exitCode: code, error: { message: expect.any(String) } })
    expect(stderr).toBe('')
    expect(code).toBe(2)
  }
})

it('has help with examples on every command, within 100 columns', async () => {
  const { stdout: root } = await world.cli('--help')
  expect(root).toContain('Exit codes:')
  const commands = [
    ...[
      'init',
      'status',
      'check',
      'advance',
      'rollback',
      'restore',
      'rearm',
      'configure',
      'history',
    ].map((it) => ['rollout', it]),
    ...['on', 'off'].flatMap((it) => [
      ['kill', it],
      ['enforcement', it],
    ]),
    ...['list', 'triage'].map((it) => ['violations', it]),
    ['report'],
    ['config', 'check'],
    ['doctor'],
  ]
  for (const command of commands) {
    const { code, stdout } = await world.cli(...command, '--help')
    expect(code).toBe(0)
    expect(stdout, command.join(' ')).toContain(`  $ partywall ${command.join(' ')}`)
    expect(stdout).toContain('--json')
    expect(stdout).toContain('--config <file>')
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100)
    // Every example is understood, whatever comes of it here.
    const examples = stdout.replaceAll('\\\n', ' ').matchAll(/^ {2}\$ partywall (.*)$/gm)
    for (const [, example = ''] of examples) {
      const words = [...example.matchAll(/"([^"]*)"|(\S+)/g)].map(
        ([, quoted, plain]) => quoted ?? plain ?? '',
      )
      expect((await world.cli(...words, '--state', 'absent')).stderr, example).not.toContain(
        '--help',
      )
    }
  }
  expect((await world.cli('rollout')).code).toBe(2)
  expect((await world.cli('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})

it('makes a state folder once', async () => {
  const { code, stdout } = await world.cli('rollout', 'init', ...by)
  expect(code).toBe(0)
  expect(stdout).toContain('generation 1: init')
  const before = statSync(world.path('state')).mtimeMs
  const again = await world.cli('rollout', 'init', ...by)
  expect(again.code).toBe(3)
  expect(again.stderr).toContain('a rollout in this folder already')
  expect(statSync(world.path('state')).mtimeMs).toBe(before)
})

it('begins a rollout from the command line alone', async () => {
  const argv = ['--state', 'other', '--model', 'User=CRITICAL', 'Role=HIGH', '--instance', 'a']
  expect(await world.cli('rollout', 'init', ...argv, ...by)).toMatchObject({ code: 0 })
  expect(await result('rollout', 'status', '--state', 'other')).toMatchObject({
    stage: 0,
    mode: 'disabled',
    expectedInstances: ['a'],
    missing: { a: 'silent' },
    lastChange: { actor: 'alice', reason: 'ticket 4711' },
  })
})

it('brings other instances and models on record, from the command line or the configuration', async () => {
  await world.cli('rollout', 'init', ...by)
  const configure = (...argv: readonly string[]): Promise<{ readonly code: number }> =>
    world.cli('rollout', 'configure', ...argv, ...by)
  expect((await configure('--instance', 'a', 'b', 'c', '--allow-bypass', 'true')).code).toBe(0)
  expect(await result('rollout', 'status')).toMatchObject({
    generation: 2,
    expectedInstances: ['a', 'b', 'c'],
    flags: { allowBypass: true },
  })
  expect((await world.cli('config', 'check')).stdout).toContain('expectedInstances differ')
  expect((await configure()).code).toBe(0)
  expect(await result('rollout', 'status')).toMatchObject({
    generation: 3,
    expectedInstances: ['api-1', 'api-2'],
    flags: { allowBypass: true },
  })
  expect((await configure('--days', '2', '30', '6', '12')).code).toBe(0)
  expect((await configure('--days', '2', 'long')).code).toBe(2)
  expect(await result('rollout', 'status')).toMatchObject({ generation: 4 })
  expect((await configure('--model', 'Role=HIGH')).code).toBe(2)
  expect(await result('rollout', 'status')).toMatchObject({ generation: 4 })
})

it('refuses names that are kept for the product', async () => {
  await world.cli('rollout', 'init', ...by)
  const { code, stderr } = await world.cli(
    'kill',
    'on',
    '--actor',
    'partywall:auto',
    '--reason',
    'x',
  )
  expect(code).toBe(2)
  expect(stderr).toContain('kept for the product')
  expect(await result('rollout', 'status')).toMatchObject({ killSwitch: 'off' })
})

it('prints value, threshold, samples and span of every gate, and exits 1 until all are green', {
  timeout,
}, async () => {
  const fleet = await goOn(0)
  const green = await world.cli('rollout', 'check')
  expect(green).toMatchObject({ code: 0 })
  expect(green.stdout).toContain('verdict  value    green     samples  span')
  expect(green.stdout).toMatch(/green +2 d +>= 2 d +\d+ +2 d +days in this stage/)
  const check = await result('rollout', 'check')
  for (const gate of check['gates'] as object[]) {
    expect(gate).toMatchObject({
      value: expect.any(Number),
      threshold: expect.any(String),
      samples: expect.any(Number),
      spanMs: expect.any(Number),
    })
  }
  // Silence of one instance is not green.
  await fleet[1]?.close()
  const silent = await world.cli('rollout', 'check')
  expect(silent.code).toBe(1)
  expect(silent.stdout).toContain('api-2: silent')
})

it('refuses to advance unless green, and shows the gates that hold it back', {
  timeout,
}, async () => {
  const fleet = await goOn(1)
  expect((await world.cli('rollout', 'advance', ...by)).code).toBe(0)
  await Promise.all(
    fleet.map((it) => it.serve({ requests: 1000, leaks: [{ ...users, count: 30 }] })),
  )
  const refused = await world.cli('rollout', 'advance', ...by)
  expect(refused.code).toBe(1)
  expect(refused.stdout).toContain('not advanced')
  expect(refused.stdout).toMatch(/red +3 % +< 0\.1 % +2 0\d\d .*requests with a blocked/)
  expect(refused.stdout).not.toMatch(/^ +green/m)
  expect(await result('rollout', 'status')).toMatchObject({ stage: 2, generation: 3 })
  const json = JSON.parse((await world.cli('rollout', 'advance', ...by, '--json')).stdout)
  expect(json).toMatchObject({
    command: 'rollout advance',
    exitCode: 1,
    result: { advanced: false, code: 'rollout.not_green', check: { verdict: 'red' } },
  })
})

// mutation src/commands/rollout-steps.ts: model === undefined ? operator.rollback({ ...by, to }) : operator.removeModel(model, by), => operator.rollback({ ...by, to }),
it('rolls everything back until re-armed, or one model until restored [143]', {
  timeout,
}, async () => {
  const fleet = await goOn(2)
  const modes = async (): Promise<unknown> => (await fleet[0]?.snapshot())?.mode
  await world.cli('rollout', 'advance', ...by, '--wait', '10')
  expect(await modes()).toBe('enforce')

  expect(
    (await world.cli('rollout', 'rollback', '--model', 'User', ...by, '--wait', '10')).code,
  ).toBe(0)
  const partial = await fleet[0]?.snapshot()
  expect(partial?.enforcedModels).not.toContain('User')
  expect(partial?.enforcedModels).toHaveLength(8)
  expect(partial?.loggedModels).toEqual(['User'])
  expect((await world.cli('rollout', 'restore', '--model', 'Role', ...by)).code).toBe(1)
  await world.cli('rollout', 'restore', '--model', 'User', ...by, '--wait', '10')
  expect((await fleet[0]?.snapshot())?.enforcedModels).toHaveLength(9)

  const { stdout } = await world.cli('rollout', 'rollback', ...by, '--wait', '10')
  expect(stdout).toContain('rolled back until a person re-arms')
  expect(await modes()).toBe('log_only')
  expect((await world.cli('rollout', 'rollback', ...by)).code).toBe(1)
  await world.cli('rollout', 'rearm', ...by, '--wait', '10')
  expect(await modes()).toBe('enforce')
  expect((await world.cli('rollout', 'rearm', ...by)).code).toBe(1)
})

it('keeps the switch that opens and the switch that closes apart', { timeout }, async () => {
  const fleet = await goOn(1)
  await world.cli('rollout', 'advance', ...by, '--wait', '10')
  const off = await world.cli('enforcement', 'off', ...by, '--wait', '10')
  expect(off.stdout).toContain('enforcement')
  expect(off.stdout).not.toContain('kill')
  expect(await fleet[0]?.snapshot()).toMatchObject({ enforcement: 'off', killSwitch: 'off' })
  const on = await world.cli('kill', 'on', ...by, '--wait', '10')
  expect(on.stdout).toContain('kill switch on (record 2)')
  expect(on.stdout).not.toContain('enforcement')
  expect(await fleet[0]?.snapshot()).toMatchObject({ enforcement: 'off', killSwitch: 'on' })
  await world.cli('enforcement', 'on', ...by, '--wait', '10')
  expect(await fleet[0]?.snapshot()).toMatchObject({ enforcement: 'on', killSwitch: 'on' })
  const { stdout } = await world.cli('rollout', 'history', '--limit', '3')
  expect(stdout).toMatch(/enforcement.* alice: ticket 4711/)
  expect(stdout).toMatch(/kill switch on +alice: ticket 4711/)
})

// mutation src/commands/violations-list.ts: const groups = groupViolations(found.violations, await rulingsOf(call)) => const groups = groupViolations(found.violations.slice(1), await rulingsOf(call))
it('lists bypasses by actor and reason with the stack of their use [150]', {
  timeout,
}, async () => {
  const system = { actor: 'export-job', reason: 'nightly_cleanup' }
  const leak: Leak = { ...users, endpoint: 'nightly', count: 2, system }
  const environment = { ...environments[3], TENANT_ENFORCEMENT_ALLOW_BYPASS: 'true' }
  const setup = { state: undefined, environment }
  const fleet = [await world.start('api-1', setup), await world.start('api-2', setup)]
  await serve(fleet, [leak, users])
  const week = ['violations', 'list', '--decision', 'bypass', '--since', '7d']
  expect(await result(...week)).toMatchObject({
    matched: 4,
    signatures: 1,
    violations: [{ count: 4, decisions: { bypass: 4 }, bypasses: [{ ...system, count: 4 }] }],
  })
  const [signature = ''] = (await world.cli(...week, '--ids')).stdout.split('\n')
  const { stdout } = await world.cli(...week, '--signature', signature)
  expect(stdout).toContain('stack of the last one')
  expect(stdout).toContain('at violationOf')
  expect((await world.cli(...week, '--fail-on-any')).code).toBe(1)
})

it('lists the violations of one tenant, named or from the environment', { timeout }, async () => {
  const setup = { state: undefined, environment: environments[1] }
  const fleet = [await world.start('api-1', setup)]
  await serve(fleet, [users])
  expect(await result('violations', 'list')).toMatchObject({ matched: 3 })
  expect(await result('violations', 'list', '--tenant', 'acme')).toMatchObject({
    tenant: 'acme',
    matched: 2,
  })
  expect(await result('violations', 'list', '--tenant', 'globex')).toMatchObject({ matched: 1 })
  const told: string[] = []
  const out = { write: (text: string) => told.push(text) }
  const environment = { PARTYWALL_CONFIG: world.config, PARTYWALL_TENANT: 'globex' }
  const options = { environment, stdout: out, stderr: out, cwd: world.folder, clock: world.now }
  expect(await runCli(['violations', 'list'], options)).toBe(0)
  expect(told.join('')).toContain('1 violations of tenant globex')
  environment.PARTYWALL_TENANT = ''
  expect(await runCli(['violations', 'list'], options)).toBe(2)
  expect(told.join('')).toContain('PARTYWALL_TENANT is an empty string')
})

it('triages: open is inconclusive, a false positive is red, a legitimate block is neither', {
  timeout,
}, async () => {
  const fleet = await goOn(2)
  await world.cli('rollout', 'advance', ...by)
  await world.pass(25, fleet, { requests: 400 })
  await serve(fleet, [{ ...roles, count: 1 }])
  const verdictOf = async (gate: string): Promise<unknown> => {
    const { gates } = (await result('rollout', 'check')) as {
      gates: { gate: string; verdict: string }[]
    }
    return gates.find((it) => it.gate === gate)?.verdict
  }
  expect(await verdictOf('triage')).toBe('inconclusive')
  const [signature = ''] = (
    await world.cli('violations', 'list', '--blocked', '--ids')
  ).stdout.split('\n')
  const triage = (as: string): Promise<unknown> =>
    world.cli('violations', 'triage', signature, '--as', as, ...by)
  await triage('false_positive')
  expect(await verdictOf('false_positives')).toBe('red')
  await triage('legitimate')
  expect(await verdictOf('false_positives')).toBe('green')
  expect(await verdictOf('triage')).toBe('green')
  expect((await world.cli('violations', 'list', '--blocked')).stdout).toMatch(
    /legitimate +select on Role/,
  )
  const unknown = await world.cli('violations', 'triage', '0123456789abcdef', '--as', 'open', ...by)
  expect(unknown.code).toBe(2)
  expect(unknown.stderr).toContain('no blocked query has this signature')
  const both = [signature, '0123456789abcdef']
  const half = await world.cli('violations', 'triage', ...both, '--as', 'open', ...by)
  expect(half.code).toBe(2)
  expect(half.stderr).toContain('no blocked query has signature 2')
  expect(await verdictOf('triage')).toBe('green')
  expect((await world.cli('rollout', 'history')).stdout).toContain(`${signature} false positive`)
})

// mutation src/commands/report.ts: const reading = await read({ from: date, to: date }) => const reading = await read({ from: '1970-01-01', to: '1970-01-01' })
it('prints the daily report of every instance: endpoints ranked, actions by severity [123–127]', {
  timeout,
}, async () => {
  const setup = { state: undefined, environment: environments[1] }
  const fleet = [await world.start('api-1', setup), await world.start('api-2', setup)]
  await serve(fleet, [users, roles])
  const { code, stdout } = await world.cli('report')
  expect(code).toBe(0)
  expect(stdout).toContain('Tenant Enforcement Violations - 2026-01-05')
  expect(stdout).toContain('Total violations: 10')
  expect(stdout).toMatch(/CRITICAL +6\n +User +6/)
  expect(stdout).toMatch(/1\. +\/api\/admin\/users +6\n +2\. +\/api\/admin\/roles +4/)
  expect(stdout).toMatch(/1\. +CRITICAL +Confine User to the tenant/)
  const markdown = await world.cli('report', '--date', '2026-01-05', '--format', 'markdown')
  expect(markdown.stdout).toContain('# Tenant Enforcement Violations - 2026-01-05')
  expect(await result('report')).toMatchObject({ total: 10, date: '2026-01-05' })
  const json = await world.cli('report', '--format', 'json')
  expect(JSON.parse(json.stdout)).toEqual(JSON.parse((await world.cli('report', '--json')).stdout))
  expect((await world.cli('report', '--date', 'yesterday')).stdout).toContain('No data')
})

// mutation src/commands/report.ts: return outcome(weeklyTrend(reading, { until: date }), renderWeeklyTrend) => return outcome(weeklyTrend(reading, { until: '1970-01-01' }), renderWeeklyTrend)
it('prints the weekly trend and what each level asks for [128]', { timeout }, async () => {
  const instance = await world.start('api-1', { state: undefined, environment: environments[1] })
  for (const count of [450, 120, 25, 5]) {
    for (let day = 0; day < 7; day += 1) {
      await instance.serve({ requests: count, leaks: [{ ...users, count }] })
      world.move(24 * hourMs)
    }
  }
  const { stdout } = await world.cli('report', '--weekly', '--date', 'yesterday')
  const lines = stdout.split('\n').filter((line) => line.includes('7 of 7 days'))
  expect(lines.map((line) => line.replace(/^.*?(\d+\/day).*→ /, '$1 '))).toEqual([
    '450/day fix high-frequency violations',
    '120/day fix medium-frequency violations',
    '25/day fix edge cases',
    '5/day ready for enforcement, if the gates are green',
  ])
})

// mutation src/commands/report.ts: if (options.dashboard === 'violations') { => if (options.dashboard !== 'violations') {
it('prints both dashboards [138, 139]', { timeout }, async () => {
  const fleet = await goOn(1)
  await world.cli('rollout', 'advance', ...by, '--wait', '10')
  await serve(fleet, [users, roles])
  world.move(24 * hourMs)
  await serve(fleet, [users, roles])
  const violations = await world.cli('report', '--dashboard', 'violations')
  expect(violations.stdout).toContain('Tenant Violations (Last 24h)')
  expect(violations.stdout).toContain('Total: 10\n')
  expect(violations.stdout).toContain('CRITICAL: 6 | HIGH: 4 | MEDIUM: 0')
  expect(violations.stdout).toMatch(/User +CRITICAL +6 +█+\n/)
  expect(violations.stdout).toContain('Trend: → 0% vs yesterday (10)')
  const enforcement = await world.cli('report', '--dashboard', 'enforcement')
  for (const line of [
    /Mode +selective/,
    /Enforced models +5/,
    /Logged models +4/,
    /Error rate +7\.500 %/,
    /Errors \(last 1h\) +6/,
    /Bypasses \(last 1h\) +0/,
    /Performance impact \(p95\) +\+0\.\d+ ms/,
  ]) {
    expect(enforcement.stdout).toMatch(line)
  }
})

it('checks configuration, environment, flag file, tenants and state at once', async () => {
  mkdirSync(world.path('tenants'))
  world.write('tenants/acme.yaml', 'tenant_id: [\n')
  world.write('flags.json', '{"TENANT_ENFORCEMENT_MODE": "sometimes", "nonsense": 1}')
  world.write('partywall.json', {
    models: { User: 'CRITICAL' },
    registry: 'tenants',
    flagFile: 'flags.json',
    state: 'file',
  })
  world.write('file', 'no folder')
  const told: string[] = []
  const out = { write: (text: string) => told.push(text) }
  const environment = {
    PARTYWALL_CONFIG: world.config,
    PARTYWALL_AGGREGATES: '',
    TENANT_ENFORCEMENT_ENABLED: 'maybe',
    TENANT_ENFORCEMENT_TYPO: 'x',
  }
  const options = { environment, stdout: out, stderr: out, cwd: world.folder, clock: world.now }
  expect(await runCli(['config', 'check'], options)).toBe(2)
  const text = told.join('')
  expect(text).toMatch(/configuration +wrong\n {2}- PARTYWALL_AGGREGATES is an empty string/)
  expect(text).toMatch(/environment +wrong\n/)
  expect(text).toContain('TENANT_ENFORCEMENT_ENABLED is a string of 5 characters')
  expect(text).toContain('TENANT_ENFORCEMENT_TYPO is an unknown flag')
  expect(text).toMatch(/flag file +wrong\n/)
  expect(text).toContain('TENANT_ENFORCEMENT_MODE is a string of 9 characters')
  expect(text).toMatch(/tenants +wrong\n {2}- acme\.yaml:/)
  expect(text).toMatch(/state folder +wrong\n/)
  expect(text).not.toContain('maybe')
  expect(text).not.toContain('sometimes')
})

it('finds nothing wrong with what is right', { timeout }, async () => {
  await goOn(0)
  mkdirSync(world.path('tenants'))
  world.write('tenants/acme.yaml', acme)
  const { code, stdout } = await world.cli('config', 'check', '--registry', 'tenants')
  expect(stdout).not.toContain('wrong')
  expect(code).toBe(0)
  expect((await world.cli('doctor')).stdout).toContain('0 errors, 0 warnings')
})

it('warns of records that went before the week was over', { timeout }, async () => {
  await goOn(0)
  const folder = world.path('violations')
  const recorder = createRecorder({
    models: { User: 'CRITICAL' },
    instance: 'api-3',
    clock: () => world.now(),
    violationLog: { folder, maxFiles: 2, maxFileBytes: 65_536 },
    aggregates: { folder: world.path('aggregates') },
  })
  for (let index = 0; index < 1000; index += 1) {
    publish({
      type: 'decision',
      scope: undefined,
      decision: { action: 'block', reason: 'default', generation: 1, record: true },
      violation: {
        surface: 'sql',
        model: 'User',
        action: 'select',
        violation: 'missing_tenant_id',
        severity: 'CRITICAL',
        shape: { statement: `select ${index}`, parameters: [] },
        stack: '',
      },
    })
  }
  await recorder.flush()
  await recorder.close()
  const { recordsRemoved } = recorder.series()
  expect(recordsRemoved).toBeGreaterThan(0)
  world.move(6 * 24 * hourMs)
  const told = flat((await world.cli('doctor')).stdout)
  expect(told).toContain(`${recordsRemoved} of the oldest records were removed in the last 7 days`)
  world.move(3 * 24 * hourMs)
  expect((await world.cli('doctor')).stdout).not.toContain('of the oldest records')
})

it('warns before an instance would refuse to start, or would be closed', { timeout }, async () => {
  await goOn(2)
  expect((await world.cli('config', 'check')).stdout).toContain('no instance starts any more')
  world.write('flags.json', { ...environments[2], PARTYWALL_TENANCY_ENABLED: false })
  const { code, stdout } = await world.cli('config', 'check', '--flag-file', 'flags.json')
  expect(stdout).not.toContain('no instance starts')
  expect(stdout).toContain('PARTYWALL_TENANCY_ENABLED is false: the kill switch is on')
  expect(code).toBe(0)
})

it('diagnoses a broken chain, and no command goes on with it', { timeout }, async () => {
  await goOn(1)
  const [newest = ''] = readdirSync(world.path('state', 'generations')).sort().reverse()
  const record = world.path('state', 'generations', newest)
  execFileSync('sed', ['-i', 's/"stage": 1/"stage": 3/', record])
  const doctor = await world.cli('doctor')
  expect(doctor.code).toBe(1)
  expect(doctor.stdout).toContain('changed after it was written')
  for (const argv of [
    ['rollout', 'status'],
    ['rollout', 'advance', ...by],
    ['rollout', 'advance', '--generation', '1', ...by],
    ['kill', 'off', ...by],
  ]) {
    const { code, stderr } = await world.cli(...argv)
    expect(code).toBe(1)
    expect(stderr).toContain('changed after it was written')
  }
})

// mutation src/commands/rollout-steps.ts: const record = await operator.advance({ ...by, expected: call.options.generation }) => const record = await operator.advance(by)
it('advances only from the generation that it was told', { timeout }, async () => {
  await goOn(1)
  const { code, stderr } = await world.cli('rollout', 'advance', '--generation', '99', ...by)
  expect(code).toBe(3)
  expect(stderr.replace(/\s+/g, ' ')).toContain('is the newest, not the expected one')
  expect((await world.cli('rollout', 'advance', '--generation', 'x', ...by)).code).toBe(2)
  const { generation } = await result('rollout', 'status')
  const done = await world.cli('rollout', 'advance', '--generation', String(generation), ...by)
  expect(done.code, done.stdout + done.stderr).toBe(0)
})

// mutation src/commands/kill.ts: throw position === 'on' ? withOtherWay(error, call) : error => throw error
it('closes whatever else is damaged, and names the other way where its own records are', async () => {
  await world.cli('rollout', 'init', ...by)
  world.write('state/generations/00000002.json', '{"stage": 3')
  // Which instances there are stands in the generation: the change is made, and not confirmed.
  const closed = await world.cli('kill', 'on', ...by, '--wait', '1')
  expect(closed.code, closed.stderr).toBe(4)
  const unconfirmed = closed.stdout.replace(/\s+/g, ' ')
  expect(unconfirmed).toContain('on record, but what became of it could not be read')
  expect(unconfirmed).toContain('record 2 of the chain generations')
  expect((await world.cli('kill', 'on', ...by)).stderr).toContain('the kill switch is on already')

  rmSync(world.path('state', 'kill-switch', '00000002.json'))
  const { code, stderr } = await world.cli('kill', 'on', ...by)
  expect(code).toBe(1)
  const told = stderr.replace(/\s+/g, ' ')
  expect(told).toContain('record 2 of the chain kill-switch: it is missing')
  expect(told).toContain('PARTYWALL_TENANCY_ENABLED=false in the flag file')
})

it('diagnoses what stands open, is closed, is silent, is stale or loses records', {
  timeout,
}, async () => {
  const fleet = await goOn(1)
  await world.cli('rollout', 'advance', ...by, '--wait', '10')
  await world.cli('rollout', 'rollback', '--model', 'AuditLog', ...by, '--wait', '10')
  await serve(fleet, [users])
  await world.cli('kill', 'on', ...by, '--wait', '10')
  await fleet[1]?.close()
  rmSync(world.path('violations'), { recursive: true })
  world.write('flags.json', {
    ...environments[3],
    TENANT_ENFORCEMENT_BYPASS_REQUIRES_REASON: 'false',
  })
  const { code, stdout } = await world.cli('doctor', '--flag-file', 'flags.json')
  const text = stdout.replace(/\s+/g, ' ')
  expect(code).toBe(1)
  for (const part of [
    'error the kill switch is on',
    'error instance api-2: silent',
    'error the folder of the violation logs cannot be read (ENOENT)',
    'warning taken out of enforcement: AuditLog',
    'warning 1 blocked signatures wait for triage',
    'warning TENANT_ENFORCEMENT_BYPASS_REQUIRES_REASON=false',
    'warning the flag file says enforce, but selective of generation',
  ]) {
    expect(text).toContain(part)
  }
  for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100)
  world.write('flags.json', '{"TENANT_ENFORCEMENT_ENABLED": "yes"}')
  const invalid = await world.cli('doctor', '--flag-file', 'flags.json', '--json')
  const { findings } = JSON.parse(invalid.stdout).result as {
    findings: { id: string; todo: string }[]
  }
  expect(findings.map(({ id }) => id)).toContain('flag_file.invalid')
  for (const { todo } of findings) expect(todo).not.toBe('')
})

it('keeps every line of every command within 100 columns', { timeout }, async () => {
  const fleet = await goOn(2)
  await world.cli('rollout', 'advance', ...by)
  await serve(fleet, [users, { ...roles, endpoint: '/api/secure/sessions' }])
  for (const argv of [
    ['rollout', 'status'],
    ['rollout', 'check'],
    ['rollout', 'advance', '--actor', 'alice', '--reason', 'a long reason '.repeat(30)],
    ['rollout', 'rollback', '--actor', 'alice', '--reason', 'a long reason '.repeat(30)],
    ['rollout', 'history'],
    ['violations', 'list'],
    ['violations', 'list', '--blocked'],
    ['report'],
    ['report', '--weekly'],
    ['report', '--dashboard', 'enforcement'],
    ['doctor'],
    ['config', 'check'],
  ]) {
    const { stdout } = await world.cli(...argv)
    expect(stdout).not.toContain('\u001b')
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100)
  }
  expect(world.now() % hourMs).toBe(0)
})
