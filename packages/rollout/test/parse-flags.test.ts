import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRollout, pulseFlagNames, RolloutError } from '@partywall/rollout'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { defaultFlagNames } from '../src/flag-names.ts'
import { parseFlags } from '../src/parse-flags.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { until } from './until.ts'

const models = { User: 'CRITICAL', RefreshToken: 'CRITICAL', Role: 'HIGH' } as const
const names = Object.keys(models)
const T = 'TENANT_ENFORCEMENT_'

/** Every value of every variable that must stop a start, one by one. */
const wrong: readonly (readonly [variable: string, values: readonly string[]])[] = [
  ['ENABLED', ['', ' ', 'TRUE', 'yes', '1', '0', 'off', 'true ', 'null']],
  ['MODE', ['', 'always', 'LOG_ONLY', 'log-only', 'off', 'none', 'enforce ']],
  ['MODELS', ['', ' ', ',', 'User,', 'Users', 'all,User', 'ALL', 'user', '(unknown)']],
  ['ENFORCE_MODELS', ['', 'User,,Role', 'Nobody', 'User;Role', '*']],
  ['LOG_MODELS', ['', 'all,Role', '"Role"']],
  ['ALLOW_BYPASS', ['', 'maybe', '1']],
  ['BYPASS_REQUIRES_REASON', ['', 'no', 'False']],
  ['LOG_SAMPLE_RATE', ['', '0', '-0.1', '1.1', '10%', '1e-1', 'NaN', 'Infinity', '.5', '0,5']],
  ['ENABLE', ['true']],
  ['MODEL', ['all']],
  ['SAMPLE_RATE', ['1.0']],
]

function refusalOf(environment: Record<string, string>): RolloutError {
  try {
    createRollout({ models, environment }).close()
  } catch (error) {
    if (error instanceof RolloutError) return error
    throw error
  }
  throw new Error('it started')
}

const good = { [`${T}ENABLED`]: 'true', [`${T}MODE`]: 'log_only' }

describe('bad values', () => {
  for (const [key, values] of wrong) {
    for (const value of values) {
      it(`refuse to start: ${key}=${JSON.stringify(value)}`, () => {
        const error = refusalOf({ ...good, [T + key]: value })
        expect(error.code).toBe('rollout.invalid_flags')
        expect(error.problems.map((problem) => problem.name)).toContain(T + key)
        expect(error.message).toContain(T + key)
        // A value of some length is never repeated; its shape is.
        if (value.length > 5) expect(error.message).not.toContain(`is ${value}`)
      })
    }
  }

  // mutation src/flag-sources.ts: if (wrong.length > ignored.length) problems.push(...wrong) => if (wrong.length > ignored.length) problems.push(...wrong.slice(0, 1))
  it('are told all at once, each with its shape and what was expected [98–105]', () => {
    const environment = Object.fromEntries(
      wrong.map(([key, values]) => [T + key, values[1] ?? values[0] ?? '']),
    )
    const { problems } = refusalOf({ ...environment, PARTYWALL_TENANCY_ENABLED: 'off' })
    const told = new Set(problems.map((problem) => problem.name))
    expect(told).toEqual(new Set([...wrong.map(([key]) => T + key), 'PARTYWALL_TENANCY_ENABLED']))
    for (const problem of problems) {
      expect(problem.shape).not.toBe('')
      expect(problem.expected).not.toBe('')
    }
  })

  it('of the kill switch refuse to start, also beside a valid enforcement off', () => {
    for (const value of ['', 'FALSE', '0', 'off']) {
      const off = { [`${T}ENABLED`]: 'false', PARTYWALL_TENANCY_ENABLED: value }
      expect(refusalOf(off).problems.map(({ name }) => name)).toEqual(['PARTYWALL_TENANCY_ENABLED'])
    }
  })

  it('do not stop a valid enforcement off, and become warnings', () => {
    const environment = { [`${T}ENABLED`]: 'false', [`${T}MODE`]: 'nonsense', [`${T}MODLES`]: 'x' }
    const rollout = createRollout({ models, environment })
    expect(rollout.snapshot()).toMatchObject({ enforcement: 'off', mode: 'disabled' })
    expect(rollout.snapshot().warnings.join('\n')).toMatch(/MODLES .*\n.*MODE /s)
  })
})

describe('what is missing', () => {
  // mutation src/parse-flags.ts: enabled: enabled ?? defaultFlags.enabled, => enabled: enabled ?? true,
  it('is off where the master switch is unset, and a blank one never is [14]', () => {
    expect(createRollout({ models, environment: {} }).snapshot()).toMatchObject({
      enforcement: 'off',
      mode: 'disabled',
    })
    expect(refusalOf({ [`${T}ENABLED`]: '' }).code).toBe('rollout.invalid_flags')
  })

  it('refuses to start: a mode, and the ENFORCE list of selective', () => {
    expect(refusalOf({ [`${T}ENABLED`]: 'true' }).problems).toMatchObject([
      { name: `${T}MODE`, shape: 'missing' },
    ])
    expect(refusalOf({ ...good, [`${T}MODE`]: 'selective' }).problems).toMatchObject([
      { name: `${T}ENFORCE_MODELS`, shape: 'missing' },
    ])
  })
})

describe('good values', () => {
  // mutation src/parse-flags.ts: for (const [index, entry] of value.split(',').entries()) { => for (const [index, entry] of value.split(';').entries()) {
  it('are lists separated by commas, with or without spaces [71, 101, 102]', () => {
    const { flags } = parseFlags(
      { [`${T}ENFORCE_MODELS`]: 'User, RefreshToken', [`${T}LOG_MODELS`]: 'Role' },
      names,
      defaultFlagNames,
    )
    expect(flags.enforceModels).toEqual(['User', 'RefreshToken'])
    expect(flags.logModels).toEqual(['Role'])
  })

  it('are read under document 004’s name of the kill switch too', () => {
    const environment = { PULSE_MULTI_TENANT_ENABLED: 'false' }
    const rollout = createRollout({ models, environment, names: pulseFlagNames })
    expect(rollout.snapshot().killSwitch).toBe('on')
    expect(createRollout({ models, environment }).snapshot().killSwitch).toBe('off')
  })

  it('warn of a model in both lists, of a list without effect and of bypasses without reason', () => {
    const { warnings } = createRollout({
      models,
      environment: {
        [`${T}ENABLED`]: 'true',
        [`${T}MODE`]: 'selective',
        [`${T}ENFORCE_MODELS`]: 'User',
        [`${T}LOG_MODELS`]: 'User,Role',
        [`${T}MODELS`]: 'User',
        [`${T}BYPASS_REQUIRES_REASON`]: 'false',
      },
    }).snapshot()
    expect(warnings).toHaveLength(3)
    expect(warnings.join('\n')).toContain('User is in both lists: it is enforced')
  })
})

it('never throws, and never takes a value that is not among the allowed ones', () => {
  const key = fc.constantFrom('ENABLED', 'MODE', 'MODELS', 'ENFORCE_MODELS', 'LOG_SAMPLE_RATE', 'X')
  const value = fc.oneof(
    fc.string(),
    fc.constantFrom('true', 'false', 'enforce', 'all', 'User', '0.5'),
  )
  fc.assert(
    fc.property(
      fc.dictionary(
        key.map((it) => T + it),
        value,
      ),
      (values) => {
        const { flags, problems } = parseFlags(values, names, defaultFlagNames)
        if (problems.length > 0) return
        for (const name of Object.keys(values)) expect(name).not.toBe(`${T}X`)
        expect(flags.logSampleRate).toBeGreaterThan(0)
        expect(flags.logSampleRate).toBeLessThanOrEqual(1)
        expect(flags.enabled).toBe(values[`${T}ENABLED`] === 'true')
        for (const list of [flags.models, flags.enforceModels, flags.logModels]) {
          if (list !== 'all') for (const model of list) expect(names).toContain(model)
        }
      },
    ),
  )
})

describe('a mistyped name', () => {
  const P = 'PARTYWALL_TENANCY_'
  const mistyped: readonly (readonly [name: string, nearest: string])[] = [
    [`${P}ENABELD`, `${P}ENABLED`],
    [`${P}ENABLE`, `${P}ENABLED`],
    [`${P}ENABLED_`, `${P}ENABLED`],
    [`${T}ENFORCE_MODEL`, `${T}ENFORCE_MODELS`],
    [`${T}ENABELD`, `${T}ENABLED`],
    [`${T}LOG_SAMPLING_RATE`, `${T}LOG_SAMPLE_RATE`],
    [`${T}BYPASS_REQUIRE_REASON`, `${T}BYPASS_REQUIRES_REASON`],
  ]

  // mutation src/flag-names.ts: return tenancyPrefix !== undefined && name.startsWith(tenancyPrefix) => return false
  it('refuses to start, in the environment and in a file, and tells the nearest name [98–105]', () => {
    for (const [name, nearest] of mistyped) {
      const path = join(temporaryFolder(), 'flags.json')
      for (const value of ['false', 'true']) {
        const { code, message, problems } = refusalOf({ ...good, [name]: value })
        expect(code).toBe('rollout.invalid_flags')
        expect(problems).toMatchObject([{ name, shape: 'an unknown flag' }])
        expect(message).toContain(`the nearest is ${nearest}`)
        writeFileSync(path, JSON.stringify({ ...good, [name]: value }))
        expect(() => createRollout({ models, environment: {}, flagFile: path })).toThrow(
          expect.objectContaining({ code, problems: [expect.objectContaining({ name })] }),
        )
      }
    }
  })

  // mutation src/parse-flags.ts: const killSwitchReadable = problems.length === before && !killSwitchMistyped => const killSwitchReadable = problems.length === before
  it('of the kill switch is not excused by enforcement off: it may have said "close"', () => {
    const off = { [`${T}ENABLED`]: 'false' }
    expect(refusalOf({ ...off, [`${P}ENABELD`]: 'false' }).code).toBe('rollout.invalid_flags')
    createRollout({ models, environment: { ...off, [`${T}ENABELD`]: 'true' } }).close()
  })

  it('is rejected in a file that changes, which changes nothing', async () => {
    const path = join(temporaryFolder(), 'flags.json')
    writeFileSync(path, JSON.stringify(good))
    const rollout = createRollout({ models, environment: {}, flagFile: path })
    onTestFinished(() => rollout.close())
    const before = rollout.snapshot()
    const enforced = { ...good, [`${T}MODE`]: 'enforce', [`${P}ENABELD`]: 'true' }
    writeFileSync(path, JSON.stringify(enforced))
    await until(() => rollout.problems()[0]?.code === 'file.invalid')
    expect(rollout.problems()[0]?.message).toContain(`${P}ENABELD is an unknown flag`)
    expect(rollout.snapshot()).toBe(before)
  })

  it('is looked for under the names in use, and other variables of ours are none', () => {
    const others = {
      PARTYWALL_TENANT: 'acme',
      PARTYWALL_STATE: '/s',
      PARTYWALL_CONFIG: 'c',
      PARTYWALL_FLAG_FILE: 'f',
    }
    createRollout({ models, environment: { ...good, ...others } }).close()
    const environment = { ...good, PULSE_MULTI_TENANT_ENABLE: 'false' }
    createRollout({ models, environment }).close()
    expect(() => createRollout({ models, environment, names: pulseFlagNames })).toThrow(
      /the nearest is PULSE_MULTI_TENANT_ENABLED/,
    )
    const names = { enforcementPrefix: 'WALL_', tenancyEnabled: 'APP_OPEN' }
    createRollout({ models, environment: { APP_OPENED: 'x' }, names }).close()
  })

  it('is shown only as far as it looks like a name', () => {
    const { message } = refusalOf({ ...good, [`${T}X=secret\nvalue`]: '1' })
    expect(message).toContain(`${T}X… is an unknown flag`)
    expect(message).not.toContain('secret')
  })
})
