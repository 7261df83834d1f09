import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultFlagNames } from '@partywall/rollout'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { readConfiguration } from '../src/configuration.ts'
import { parseConfiguration } from '../src/configuration-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'partywall-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

function writeConfiguration(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

const refused: readonly (readonly [string, string, readonly string[]])[] = [
  ['nothing', '', ['the configuration is empty; expected one JSON object, each key once']],
  ['half a file', '{"state": "/s', ['the configuration is no complete JSON']],
  ['a list', '[]', ['the configuration is a list of 0; expected one JSON object']],
  ['a key twice', '{"state": "/a", "state": "/b"}', ['an object that repeats a key']],
  ['a number for a path', '{"state": 3}', ['state is a number; expected a path']],
  ['a blank path', '{"registry": "  "}', ['registry is a string of 2 characters; expected a path']],
  ['a wrong name', '{"sate": "/s"}', ['sate is an unknown key; expected one of state, flagFile']],
  ['a secret as a key', '{"hunter 2": 1}', ['a key is an unknown key']],
  [
    'a wrong severity',
    '{"models": {"User": "critical"}}',
    ['models.User is a string of 8 characters; expected one of CRITICAL, HIGH, MEDIUM'],
  ],
  ['no model', '{"models": {}}', ['models is an object; expected at least one model']],
  ['a model with a comma', '{"models": {"a,b": "HIGH"}}', ['expected a model name without commas']],
  ['no instance', '{"expectedInstances": []}', ['expectedInstances is a list of 0']],
  ['an instance twice', '{"expectedInstances": ["a", "a"]}', ['expected each instance once']],
  [
    'an instance that is no name',
    '{"expectedInstances": ["a/b"]}',
    ['expectedInstances.0 is a string of 3 characters; expected a name of 1–63'],
  ],
  [
    'several faults at once',
    '{"state": 1, "aggregates": null, "models": {"User": 1}}',
    ['state is a number', 'aggregates is null', 'models.User is a number'],
  ],
]

for (const [what, text, expected] of refused) {
  it(`refuses a configuration with ${what}`, () => {
    const { content, problems } = parseConfiguration(text)
    const lines = problems.map((it) => `${it.name} is ${it.shape}; expected ${it.expected}`)
    for (const part of expected) expect(lines.join('\n')).toContain(part)
    expect(lines.length).toBeGreaterThanOrEqual(expected.length)
    expect(content).toEqual({})
  })
}

it('never shows a value of a refused configuration', () => {
  const secret = 'sk-live-1234567890'
  const { problems } = parseConfiguration(
    JSON.stringify({ state: [secret], models: { User: secret }, [`${secret} as a key`]: secret }),
  )
  expect(problems).toHaveLength(3)
  expect(JSON.stringify(problems)).not.toContain(secret)
})

it('never throws, whatever the text is', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const { problems, content } = parseConfiguration(text)
      expect(problems.length > 0 || typeof content === 'object').toBe(true)
    }),
  )
})

it('takes a path from the command line before the environment, and that before the file', async () => {
  const config = writeConfiguration(
    'partywall.json',
    JSON.stringify({ state: 'from-file', registry: 'from-file', aggregates: '/from-file' }),
  )
  const environment = {
    PARTYWALL_CONFIG: config,
    PARTYWALL_STATE: 'env',
    PARTYWALL_REGISTRY: 'env',
  }
  const found = await readConfiguration({ state: 'option' }, { environment, cwd: '/srv/here' })
  expect(found.problems).toEqual([])
  expect(found.configuration).toMatchObject({
    state: '/srv/here/option',
    registry: '/srv/here/env',
    aggregates: '/from-file',
  })
})

it('reads paths of a file from the folder of the file', async () => {
  const config = writeConfiguration('relative.json', '{"state": "state"}')
  const { configuration } = await readConfiguration(
    { config },
    { environment: {}, cwd: '/elsewhere' },
  )
  expect(configuration.state).toBe(join(folder, 'state'))
})

it('searches for no file that was not given', async () => {
  writeConfiguration('partywall.json', '{"state": "/found"}')
  const { configuration } = await readConfiguration({}, { environment: {}, cwd: folder })
  expect(configuration).toEqual({ flagNames: defaultFlagNames })
})

it('keeps the prefix of a kill switch for that switch alone', async () => {
  for (const [names, tenancyPrefix] of [
    ['{"enforcementPrefix": "WALL_"}', 'PARTYWALL_TENANCY_'],
    ['{"tenancyEnabled": "APP_OPEN"}', undefined],
    ['{"tenancyEnabled": "APP_OPEN", "tenancyPrefix": "APP_OP_"}', 'APP_OP_'],
  ] as const) {
    const config = writeConfiguration('names.json', `{"flagNames": ${names}}`)
    const { configuration, problems } = await readConfiguration(
      { config },
      { environment: {}, cwd: folder },
    )
    expect(problems).toEqual([])
    expect(configuration.flagNames.tenancyPrefix).toBe(tenancyPrefix)
  }
})

it('tells empty paths, a bad file and bad names all at once', async () => {
  const config = writeConfiguration(
    'bad.json',
    '{"aggregates": 1, "flagNames": {"enforcementPrefix": "x", "other": 1}}',
  )
  const { problems } = await readConfiguration(
    { config, aggregates: '' },
    { environment: { PARTYWALL_STATE: ' ' }, cwd: folder },
  )
  expect(problems.map(({ name, shape }) => `${name} is ${shape}`)).toEqual([
    'aggregates is a number',
    'flagNames.enforcementPrefix is a string of 1 character',
    'flagNames.other is an unknown key',
    'PARTYWALL_STATE is a string of 1 character',
    '--aggregates is an empty string',
  ])
})

it('names a configuration file that is not there', async () => {
  const { problems } = await readConfiguration(
    { config: 'absent.json' },
    { environment: {}, cwd: folder },
  )
  expect(problems).toMatchObject([
    { shape: 'unreadable (ENOENT)', expected: `a readable JSON file at ${folder}/absent.json` },
  ])
})
