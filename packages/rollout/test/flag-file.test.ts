import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onDecision, type SettingsEvent } from '@partywall/context'
import {
  createRollout,
  defaultFlagNames,
  type Rollout,
  type RolloutProblem,
} from '@partywall/rollout'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseFlagDocument } from '../src/flag-document.ts'
import { flagKeys } from '../src/flag-names.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { until } from './until.ts'
import { scopeOf, violationOf } from './violations.ts'

const models = { User: 'CRITICAL', Role: 'HIGH' } as const
const T = 'TENANT_ENFORCEMENT_'
const environment = { [`${T}ENABLED`]: 'true', [`${T}MODE`]: 'log_only' }
const document = (mode: string, more: object = {}): string =>
  JSON.stringify({ [`${T}ENABLED`]: 'true', [`${T}MODE`]: mode, ...more })

interface Followed {
  readonly path: string
  readonly rollout: Rollout
  readonly told: RolloutProblem[]
}

function follow(text: string): Followed {
  const path = join(temporaryFolder(), 'flags.json')
  writeFileSync(path, text)
  const told: RolloutProblem[] = []
  const rollout = createRollout({
    models,
    environment,
    flagFile: path,
    onProblem: (problem) => told.push(problem),
  })
  onTestFinished(() => rollout.close())
  return { path, rollout, told }
}

const modeOf = (rollout: Rollout): string => rollout.snapshot().mode

describe('a flag file', () => {
  // mutation src/flag-file.ts: if (describe(reading) !== known) onReading(reading) => if (describe(reading) !== known) return
  it('is taken over while the process runs, without a deployment [64, 81, 142]', async () => {
    const { path, rollout } = follow(document('enforce'))
    const acme = scopeOf('acme')
    expect(rollout.enforcement.decide(violationOf('User'), acme).action).toBe('block')
    writeFileSync(path, document('log_only'))
    await until(() => modeOf(rollout) === 'log_only')
    expect(rollout.enforcement.decide(violationOf('User'), acme).action).toBe('log')
    writeFileSync(path, JSON.stringify({ [`${T}ENABLED`]: false }))
    await until(() => rollout.snapshot().enforcement === 'off')
    expect(rollout.enforcement.decide(violationOf('User'), scopeOf('globex')).action).toBe('off')
  })

  // mutation src/ledger.ts: if (adopted !== undefined && adoption.silent) return => void adoption.silent
  it('that only speaks of the kill switch leaves enforcement as it is [98]', async () => {
    for (const text of ['{"PARTYWALL_TENANCY_ENABLED": "true"}', '{}']) {
      const { path, rollout } = follow(text)
      expect(rollout.snapshot()).toMatchObject({ enforcement: 'on', mode: 'log_only' })
      writeFileSync(path, document('enforce'))
      await until(() => modeOf(rollout) === 'enforce')
      writeFileSync(path, text)
      writeFileSync(path, '{"PARTYWALL_TENANCY_ENABLED": "false"}')
      await until(() => rollout.snapshot().killSwitch === 'on')
      expect(rollout.snapshot()).toMatchObject({ enforcement: 'on', mode: 'enforce' })
    }
  })

  // mutation src/flag-document.ts: const speaks = tenants.size > 0 => const speaks = tenants.size > 99
  it('that sets flags but leaves out the master switch is rejected, never read as off [98]', async () => {
    const silent = { tenants: { acme: { mode: 'enforce' } } }
    for (const more of [
      silent,
      { [`${T}LOG_SAMPLE_RATE`]: '0.5' },
      { [`${T}ALLOW_BYPASS`]: false },
    ]) {
      expect(() => follow(JSON.stringify(more))).toThrow(/TENANT_ENFORCEMENT_ENABLED is missing/)
      const { path, rollout, told } = follow(document('enforce'))
      writeFileSync(path, JSON.stringify(more))
      await until(() => told.length > 0)
      expect(rollout.snapshot()).toMatchObject({ enforcement: 'on', mode: 'enforce' })
    }
  })

  it('counts a generation for each change that decides, and tells it', async () => {
    const seen: SettingsEvent[] = []
    onTestFinished(
      onDecision((event) => {
        if (event.type === 'settings') seen.push(event)
      }),
    )
    const { path, rollout } = follow(document('enforce'))
    const first = rollout.snapshot().generation
    writeFileSync(path, `${document('enforce')}\n\n`)
    writeFileSync(path, document('selective', { [`${T}ENFORCE_MODELS`]: 'User' }))
    await until(() => modeOf(rollout) === 'selective')
    expect(rollout.snapshot()).toMatchObject({ generation: first + 1, actor: 'file' })
    expect(seen.map(({ mode, generation }) => [mode, generation])).toEqual([
      ['enforce', first],
      ['selective', first + 1],
    ])
  })

  it('is followed through renames and through the symlinks of a ConfigMap', async () => {
    const folder = temporaryFolder()
    for (const [name, mode] of [
      ['..v1', 'enforce'],
      ['..v2', 'log_only'],
    ] as const) {
      mkdirSync(join(folder, name))
      writeFileSync(join(folder, name, 'flags.json'), document(mode))
    }
    symlinkSync('..v1', join(folder, '..data'))
    symlinkSync('..data/flags.json', join(folder, 'flags.json'))
    const flagFile = join(folder, 'flags.json')
    const rollout = createRollout({ models, environment, flagFile })
    onTestFinished(() => rollout.close())
    expect(modeOf(rollout)).toBe('enforce')
    symlinkSync('..v2', join(folder, '..data_tmp'))
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
    await until(() => modeOf(rollout) === 'log_only')
    writeFileSync(join(folder, 'next.json'), document('enforce'))
    renameSync(join(folder, 'next.json'), flagFile)
    await until(() => modeOf(rollout) === 'enforce')
  })

  it('may say nothing at first, and its folder may be replaced under it', async () => {
    const { path, rollout, told } = follow('{}')
    expect(modeOf(rollout)).toBe('log_only')
    expect(told).toEqual([])
    writeFileSync(path, document('enforce'))
    await until(() => modeOf(rollout) === 'enforce')
    expect(rollout.problems()).toEqual([])
    const folder = join(path, '..')
    renameSync(folder, `${folder}.old`)
    onTestFinished(() => rmSync(`${folder}.old`, { recursive: true }))
    mkdirSync(folder)
    writeFileSync(path, document('log_only'))
    await until(() => modeOf(rollout) === 'log_only')
    writeFileSync(path, document('enforce'))
    await until(() => modeOf(rollout) === 'enforce')
  })
})

const faults: readonly (readonly [what: string, code: string, make: (path: string) => void])[] = [
  ['deleted', 'file.missing', (path) => unlinkSync(path)],
  ['emptied', 'file.invalid', (path) => writeFileSync(path, '')],
  ['blank', 'file.invalid', (path) => writeFileSync(path, ' \n')],
  [
    'half written',
    'file.invalid',
    (path) => writeFileSync(path, document('log_only').slice(0, 40)),
  ],
  ['no object', 'file.invalid', (path) => writeFileSync(path, '["log_only"]')],
  ['null', 'file.invalid', (path) => writeFileSync(path, 'null')],
  [
    'saying one switch twice',
    'file.invalid',
    (path) =>
      writeFileSync(path, `{"${T}ENABLED":"true","${T}MODE":"log_only","${T}MODE":"enforce"}`),
  ],
  [
    'naming an unknown flag',
    'file.invalid',
    (path) => writeFileSync(path, document('log_only', { [`${T}MODES`]: 'x' })),
  ],
  [
    'naming an unknown key',
    'file.invalid',
    (path) => writeFileSync(path, document('log_only', { color: 'red' })),
  ],
  [
    'wrong in one value',
    'file.invalid',
    (path) => writeFileSync(path, document('log_only', { [`${T}MODELS`]: '' })),
  ],
  [
    'of the wrong type in one value',
    'file.invalid',
    (path) => writeFileSync(path, document('log_only', { [`${T}MODELS`]: ['User'] })),
  ],
  [
    'turned into a folder',
    'file.not_a_file',
    (path) => {
      unlinkSync(path)
      mkdirSync(path)
    },
  ],
  [
    'a symlink to itself',
    'file.unreadable',
    (path) => {
      unlinkSync(path)
      symlinkSync('flags.json', path)
    },
  ],
  ['10 MB long', 'file.too_large', (path) => writeFileSync(path, ' '.repeat(10_000_000))],
]

describe('a flag file that is broken while the process runs', () => {
  for (const [what, code, make] of faults) {
    it(`changes nothing, is told, and heals: ${what}`, async () => {
      const { path, rollout, told } = follow(document('enforce'))
      const before = rollout.snapshot()
      make(path)
      await until(() => rollout.problems().some((problem) => problem.code === code))
      expect(told.at(-1)).toMatchObject({ about: 'flag_file', code })
      expect(rollout.snapshot()).toBe(before)
      rmSync(path, { recursive: true, force: true })
      writeFileSync(path, document('log_only'))
      await until(() => modeOf(rollout) === 'log_only')
      expect(rollout.problems()).toEqual([])
    })
  }

  it('can close the kill switch, and cannot open it', async () => {
    const { path, rollout } = follow(document('enforce'))
    const bad = { [`${T}MODELS`]: '', PARTYWALL_TENANCY_ENABLED: false }
    writeFileSync(path, document('log_only', bad))
    await until(() => rollout.snapshot().killSwitch === 'on')
    expect(modeOf(rollout)).toBe('enforce')
    writeFileSync(path, document('log_only', { ...bad, PARTYWALL_TENANCY_ENABLED: 'true' }))
    await until(() => rollout.problems()[0]?.message.includes(`${T}MODELS`) ?? false)
    expect(rollout.snapshot().killSwitch).toBe('on')
    writeFileSync(path, document('enforce', { PARTYWALL_TENANCY_ENABLED: 'true' }))
    await until(() => rollout.snapshot().killSwitch === 'off')
    expect(rollout.snapshot()).toMatchObject({ mode: 'enforce', enforcement: 'on' })
  })
})

describe('closing by a flag file', () => {
  const tenancy = 'PARTYWALL_TENANCY_ENABLED'
  const names = [
    ...flagKeys.map((key) => T + key),
    'tenants',
    '__proto__',
    `${T}MODES`,
    `${tenancy}D`,
  ]
  const neighbour = fc.tuple(
    fc.oneof(fc.constantFrom(...names), fc.string()).filter((name) => name !== tenancy),
    fc.oneof(
      fc.constantFrom('true', '"true"', '"enforce"', '"User"', '{"acme":{},"acme":{"mode":1}}'),
      fc.json(),
      fc.constantFrom(2, 20_000).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
    ),
  )
  const spellings = [`"${tenancy}"`, `"\\u0050${tenancy.slice(1)}"`]

  // mutation src/flag-document.ts: return closing === undefined ? {} : { [tenancyEnabled]: closing } => return {}
  it('is vetoed by no neighbour, however broken, repeated or deep, as long as it is JSON', () => {
    fc.assert(
      fc.property(
        fc.array(neighbour, { maxLength: 5 }),
        fc.array(neighbour, { maxLength: 5 }),
        fc.boolean(),
        fc.constantFrom(...spellings),
        fc.constantFrom('false', '"false"'),
        (before, after, twice, key, value) => {
          const all = [...before, ...after, ...(twice ? before : [])]
          const lines = all.map(([name, said]) => `${JSON.stringify(name)}: ${said}`)
          lines.splice(before.length, 0, `${key}:${value}`)
          const { parsed } = parseFlagDocument(`{${lines.join(',')}}`, ['User'], defaultFlagNames)
          expect(parsed.tenancyEnabled).toBe(false)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('is what a switch means that is said more than once, if it says so once', () => {
    for (const [first, second, closes] of [
      ['false', 'true', true],
      ['true', '"false"', true],
      ['true', 'true', false],
      ['"no"', 'null', false],
    ] as const) {
      const { parsed } = parseFlagDocument(
        `{"${tenancy}": ${first}, "${T}ENABLED": false, "${tenancy}": ${second}}`,
        ['User'],
        defaultFlagNames,
      )
      expect(parsed.tenancyEnabled).toBe(closes ? false : undefined)
      expect(parsed.problems[0]?.shape).toBe('an object that repeats a key')
      expect(parsed.plainlyOff).toBe(false)
    }
  })

  it('is not what a tenant says, or a text', () => {
    for (const inner of [
      `{"${tenancy}": false}`,
      `[{"${tenancy}": false}]`,
      `"\\"${tenancy}\\": false"`,
    ]) {
      const twice = `{"a": 1, "a": ${inner}, "tenants": ${inner}}`
      const { parsed } = parseFlagDocument(twice, ['User'], defaultFlagNames)
      expect(parsed.problems[0]?.shape).toBe('an object that repeats a key')
      expect(parsed.tenancyEnabled).toBeUndefined()
    }
  })

  it('works for a running process whose file repeats another key', async () => {
    const { path, rollout } = follow(document('enforce'))
    const twice = `"${T}MODE":"log_only","${T}MODE":"log_only"`
    writeFileSync(path, `{"${tenancy}":false,"${T}ENABLED":true,${twice}}`)
    await until(() => rollout.snapshot().killSwitch === 'on')
    expect(modeOf(rollout)).toBe('enforce')
    expect(rollout.problems()).toMatchObject([{ code: 'file.invalid' }])
    writeFileSync(path, `{"${tenancy}":true,"${T}ENABLED":true,${twice}}`)
    await until(() => rollout.problems().length > 0)
    expect(rollout.snapshot().killSwitch).toBe('on')
  })
})

describe('a flag file that is broken at the start', () => {
  for (const [what, code, make] of faults) {
    // mutation src/flag-sources.ts: problems.push({ name: 'the flag file', shape, expected: aFlagFile }) => void aFlagFile
    it(`refuses to start, whatever the environment says: ${what}`, () => {
      const path = join(temporaryFolder(), 'flags.json')
      writeFileSync(path, document('enforce'))
      make(path)
      const refused = expect.objectContaining({ code: 'rollout.invalid_flags' })
      for (const variables of [environment, {}, { [`${T}ENABLED`]: 'false' }]) {
        const options = { models, environment: variables, flagFile: path }
        if (code === 'file.missing') {
          expect(() => createRollout(options)).toThrow(/the flag file is missing/)
          expect(() => createRollout({ ...options, environment: {}, always: true })).toThrow(
            refused,
          )
        }
        // A document that is plainly off starts; here none is.
        expect(() => createRollout(options)).toThrow(refused)
      }
    })
  }
})

describe('tenants of a flag file', () => {
  const at = Date.UTC(2026, 0, 10)
  const until2026 = '2026-02-01T00:00:00Z'
  const [acme, globex] = [scopeOf('acme'), scopeOf('globex')]

  function decisionsOf(base: string, tenants: object, now: () => number): readonly string[] {
    const path = join(temporaryFolder(), 'flags.json')
    const list = { [`${T}ENFORCE_MODELS`]: 'User' }
    writeFileSync(path, document(base, { ...list, tenants }))
    const rollout = createRollout({ models, environment, flagFile: path, clock: now })
    onTestFinished(() => rollout.close())
    return [acme, globex].map(
      (scope) => rollout.enforcement.decide(violationOf('Role'), scope).action,
    )
  }

  it('are tightened freely', () => {
    const tenants = { acme: { mode: 'enforce' } }
    expect(decisionsOf('log_only', tenants, () => at)).toEqual(['block', 'log'])
  })

  it('are loosened only with a reason and an end, and only until then', () => {
    const named = { mode: 'log_only', reason: 'ticket-4711', until: until2026 }
    expect(decisionsOf('enforce', { acme: { mode: 'log_only' } }, () => at)).toEqual([
      'block',
      'block',
    ])
    expect(decisionsOf('enforce', { acme: named }, () => at)).toEqual(['log', 'block'])
    const end = Date.parse(until2026)
    expect(decisionsOf('enforce', { acme: named }, () => end - 1)).toEqual(['log', 'block'])
    expect(decisionsOf('enforce', { acme: named }, () => end)).toEqual(['block', 'block'])
  })

  it('are rejected with the whole document when one of them is wrong', () => {
    for (const tenants of [
      { acme: { mode: 'disabled' } },
      { acme: { mode: 'log_only', reason: 'ticket-1' } },
      { acme: { mode: 'log_only', until: until2026 } },
      { acme: { mode: 'log_only', reason: 'ticket-1', until: 'soon' } },
      { acme: { mode: 'log_only', reason: 'ticket-1', until: '2026-02-01' } },
      { acme: { mode: 'enforce', extra: 1 } },
      { 'No Tenant': { mode: 'enforce' } },
      { acme: 'enforce' },
      ['acme'],
    ]) {
      expect(() => decisionsOf('enforce', tenants, () => at)).toThrow(
        expect.objectContaining({ code: 'rollout.invalid_flags' }),
      )
    }
  })
})
