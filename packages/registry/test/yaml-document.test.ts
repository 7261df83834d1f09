import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { createRegistry, describeProblem, yamlDirectory } from '@partywall/registry'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acme, folder, globex, refusalOf, yaml } from './fixture.ts'

const bomb = `tenant_id: globex
a: &a [x, x, x, x, x, x, x, x, x]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]
d: [*c, *c, *c, *c, *c, *c, *c, *c, *c]
`

describe('refuses a file, and says where', () => {
  it.each([
    ['a syntax error', 'tenant_id: globex\nname: [Globex\n', 'globex.yaml:3:1 not valid YAML'],
    ['a tab as indentation', 'name:\n\tx: 1\n', 'globex.yaml:2:1 not valid YAML'],
    [
      'an unknown key',
      yaml('globex', 'active', 'plan: gold'),
      'globex.yaml:14:1 plan is no known field',
    ],
    [
      'a key of the wrong case',
      yaml('globex', 'active', 'Name: x'),
      'globex.yaml:14:1 Name is no known',
    ],
    [
      'an unknown key of a member',
      yaml('globex').replace('role:', 'admin: true\n    role:'),
      'globex.yaml:10:5 members[0].admin is no known field',
    ],
    ['a number for an id', yaml('12'), 'globex.yaml:2:1 tenant_id is a number'],
    ['an id that is none', yaml('Globex'), 'globex.yaml:2:1 tenant_id is no tenant id'],
    [
      'a status that is none',
      yaml('globex', 'closed'),
      'globex.yaml:4:1 status is a string of 6 characters; expected active or suspended',
    ],
    [
      'no status',
      yaml('globex').replace('status: active', ''),
      'globex.yaml:2:1 status is missing',
    ],
    [
      'no date',
      yaml('globex').replace(/created_at.*/, ''),
      'globex.yaml:2:1 created_at is missing',
    ],
    [
      'a date that is none',
      yaml('globex').replace('2026-01-31', '2026-02-31'),
      'globex.yaml:5:1 created_at is a string',
    ],
    [
      'a role that is none',
      yaml('globex').replace('owner', 'viewer'),
      'globex.yaml:10:5 members[0].role',
    ],
    [
      'a scope with a space',
      yaml('globex').replace('ops:read', 'ops read'),
      'globex.yaml:11:14 members[0].scopes[0]',
    ],
    [
      'a limit of zero',
      yaml('globex').replace('100', '0'),
      'globex.yaml:13:11 limits.max_qps is a number; expected above 0',
    ],
    [
      'a limit of infinity',
      yaml('globex').replace('100', '.inf'),
      'globex.yaml:13:11 limits.max_qps is a number',
    ],
    [
      'the same person twice',
      yaml('globex').replace(
        'entitlements',
        '  - { issuer: https://login.example, subject: anna, role: member }\nentitlements',
      ),
      'globex.yaml:12:5 members[1] is the same person as members[0]',
    ],
    [
      'a key twice',
      `${yaml('globex')}status: suspended\n`,
      'globex.yaml:14:1 a key for the second time',
    ],
    [
      'a key that is no text',
      `${yaml('globex')}metadata: { 1: x }\n`,
      'globex.yaml:14:13 a key that is no plain text',
    ],
    [
      'a list as a key',
      `${yaml('globex')}metadata:\n  ? [a]\n  : x\n`,
      'globex.yaml:15:5 a key that is no plain text',
    ],
    [
      'a key that reaches for the prototype',
      `${yaml('globex')}metadata: { __proto__: { role: owner } }\n`,
      'globex.yaml:14:13 a key that is no plain text',
    ],
    ['a bomb of aliases', bomb, 'globex.yaml:2:7 an anchor'],
    ['an alias', `${yaml('globex')}metadata: *nothing\n`, 'globex.yaml:14:11 an alias'],
    ['a tag', `${yaml('globex')}metadata: !!binary aGk=\n`, 'globex.yaml:14:20 a tag'],
    ['a tag of its own', `${yaml('globex')}metadata: !run x\n`, 'globex.yaml:14:11 not valid YAML'],
    [
      'a second document',
      `${yaml('globex')}---\ntenant_id: other\n`,
      'globex.yaml:14:1 not valid YAML: multiple docs',
    ],
    ['a list of tenants', `- ${yaml('globex').replaceAll('\n', '\n  ')}`, 'globex.yaml:'],
    ['nothing', '', 'globex.yaml:1:1 is null; expected a map'],
    ['only a comment', '# later\n', 'globex.yaml:1:1 is null'],
    ['half of a write', yaml('globex').slice(0, 60), 'globex.yaml:'],
    ['deep nesting', '['.repeat(200_000), 'globex.yaml:1:49 nested deeper than 48 levels'],
    ['deep nesting of maps', '{a: '.repeat(60_000), 'globex.yaml:1:190 nested deeper'],
    ['deep nesting on one line', '- '.repeat(100_000), 'globex.yaml:1:96 nested deeper'],
    ['10 MB', `# ${'x'.repeat(10_000_000)}`, 'globex.yaml:1:1 10000002 bytes; at most 262144'],
    [
      'bytes that are no text',
      new Uint8Array([0x6e, 0xff, 0xfe]),
      'globex.yaml:1:1 not UTF-8 text',
    ],
  ])('%s', async (_, text, expected) => {
    const tenants = folder()
    tenants.put('acme.yaml', yaml('acme'))
    tenants.put('globex.yaml', text)
    const error = await refusalOf(createRegistry(yamlDirectory(tenants.path)))
    expect(error.code).toBe('registry.invalid')
    const lines = error.problems.map(describeProblem)
    expect(lines.join('\n')).toContain(expected)
    expect(lines.every((line) => line.startsWith('globex.yaml:'))).toBe(true)
    expect(error.message).toContain(lines[0])

    // The same at run time: nothing of the set is applied, the last good one stays.
    tenants.put('globex.yaml', yaml('globex'))
    const registry = await createRegistry(yamlDirectory(tenants.path), { watch: false })
    const before = registry.snapshot()
    tenants.put('globex.yaml', text)
    tenants.put('acme.yaml', yaml('acme', 'suspended'))
    const reload = await registry.reload()
    expect(reload).toEqual({ ok: false, snapshot: before, problems: error.problems })
    expect(registry.problems()).toEqual(error.problems)
    expect(registry.snapshot()).toBe(before)
    expect(registry.find(acme)?.status).toBe('active')
    expect(registry.find(globex)?.status).toBe('active')
  })

  it('without a value of the file in any message', async () => {
    const tenants = folder()
    tenants.put(
      'a.yaml',
      'tenant_id: "hunter2!"\nstatus: hunter2\nname: 7\nlimits: { hunter2!: hunter2 }\n',
    )
    tenants.put('b.yaml', 'name: "hunter2\n')
    tenants.put('c.yaml', 'name: *hunter2\n')
    const error = await refusalOf(createRegistry(yamlDirectory(tenants.path)))
    expect(error.problems.length).toBeGreaterThan(5)
    expect(JSON.stringify([error, error.problems])).not.toContain('hunter2')
  })

  it('but not one file of another', async () => {
    const tenants = folder()
    tenants.put('a.yaml', yaml('acme', 'none'))
    tenants.put('b.yaml', yaml('globex', 'none'))
    const { problems } = await refusalOf(createRegistry(yamlDirectory(tenants.path)))
    expect(problems.map(({ file, line }) => [file, line])).toEqual([
      ['a.yaml', 4],
      ['b.yaml', 4],
    ])
  })
})

describe('refuses a set', () => {
  it('with one id in two files, naming both', async () => {
    const tenants = folder()
    tenants.put('first.yaml', yaml('acme'))
    tenants.put('second.yaml', yaml('acme', 'suspended'))
    const error = await refusalOf(createRegistry(yamlDirectory(tenants.path)))
    expect(error.problems.map(describeProblem)).toEqual([
      'second.yaml:2:1 tenant_id is already taken in first.yaml',
    ])
  })

  it('in a folder that is empty, that is a file, or that is not there', async () => {
    const tenants = folder()
    tenants.put('schema.yaml', 'anything: goes')
    tenants.put('notes.txt', 'not read')
    const empty = await refusalOf(createRegistry(yamlDirectory(tenants.path)))
    expect(empty.message).toContain('there is no tenant at all')
    for (const path of [join(tenants.path, 'nowhere'), join(tenants.path, 'notes.txt')]) {
      const error = await refusalOf(createRegistry(yamlDirectory(path)))
      expect(error.message).toContain('the folder of tenants cannot be read')
    }
  })

  it('of more bytes or files than it may have', async () => {
    const tenants = folder()
    tenants.put('acme.yaml', yaml('acme'))
    tenants.put('globex.yaml', yaml('globex'))
    const size = Buffer.byteLength(yaml('globex'))
    const tight = yamlDirectory(tenants.path, { maxTotalBytes: size + 1 })
    const error = await refusalOf(createRegistry(tight))
    expect(error.message).toContain('globex.yaml:1:1')
    const one = yamlDirectory(tenants.path, { maxFiles: 1 })
    expect((await refusalOf(createRegistry(one))).message).toContain('2 tenant files')
    expect(() => yamlDirectory(tenants.path, { maxFiles: 0 })).toThrow('maxFiles')
  })

  it('with a link out of the folder, a folder or a pipe among its files', async () => {
    const outside = folder()
    outside.put('secret.yaml', yaml('globex'))
    const tenants = folder()
    tenants.put('acme.yaml', yaml('acme'))
    symlinkSync(join(outside.path, 'secret.yaml'), join(tenants.path, 'link.yaml'))
    symlinkSync(join(tenants.path, 'gone'), join(tenants.path, 'broken.yaml'))
    mkdirSync(join(tenants.path, 'sub.yaml'))
    execFileSync('mkfifo', [join(tenants.path, 'pipe.yaml')])
    const { problems } = await refusalOf(createRegistry(yamlDirectory(tenants.path)))
    expect(problems.map(describeProblem)).toEqual([
      'broken.yaml:1:1 cannot be read (ENOENT)',
      'link.yaml:1:1 a link out of the folder',
      'pipe.yaml:1:1 not a regular file',
      'sub.yaml:1:1 not a regular file',
    ])
  })
})

it('reads the documented names of a folder, and skips only what it says', async () => {
  const tenants = folder()
  tenants.put('acme_corp.yaml', yaml('acme'))
  tenants.put('globex.YML', yaml('globex'))
  tenants.put('default.yaml', yaml('default'))
  tenants.put('schema.yaml', 'anything: goes')
  tenants.put('.draft.yaml', 'anything: goes')
  tenants.put('README.md', 'anything')
  const registry = await createRegistry(yamlDirectory(tenants.path), { watch: false })
  const ids = registry.snapshot().tenants.map((tenant) => tenant.tenantId)
  expect(ids).toEqual(['acme', 'default', 'globex'])
  tenants.put('schema.yml', 'anything: goes')
  expect((await registry.reload()).ok).toBe(false)
  const named = yamlDirectory(tenants.path, { skip: ['schema.yaml', 'schema.yml'] })
  expect((await createRegistry(named, { watch: false })).snapshot().tenants).toHaveLength(3)
})

it('follows links within the folder, as a mounted ConfigMap has them', async () => {
  const tenants = folder()
  mkdirSync(join(tenants.path, '..2026'))
  tenants.put('..2026/acme.yaml', yaml('acme'))
  symlinkSync('..2026', join(tenants.path, '..data'))
  symlinkSync('..data/acme.yaml', join(tenants.path, 'acme.yaml'))
  const registry = await createRegistry(yamlDirectory(tenants.path), { watch: false })
  expect(registry.find(acme)?.name).toBe('The acme company')
})

it('keeps every value of a file as it was written', async () => {
  const tenants = folder()
  tenants.put(
    'acme.yaml',
    yaml('acme', 'suspended', 'metadata: { flags: [on, 2, null, 1e3], region: eu }'),
  )
  const registry = await createRegistry(yamlDirectory(tenants.path), { watch: false })
  expect(registry.find(acme)).toEqual({
    tenantId: 'acme',
    name: 'The acme company',
    status: 'suspended',
    members: [
      {
        issuer: 'https://login.example',
        subject: 'anna',
        role: 'owner',
        scopes: ['ops:read', 'deploy:promote'],
      },
    ],
    entitlements: ['reports'],
    limits: { max_qps: 100 },
    createdAt: '2026-01-31',
    updatedAt: '2026-02-01T10:00:00+01:00',
    metadata: { flags: ['on', 2, null, 1000], region: 'eu' },
  })
})

it('survives any text: it is read or refused with a place, and never half applied', async () => {
  const tenants = folder()
  tenants.put('acme.yaml', yaml('acme'))
  const registry = await createRegistry(yamlDirectory(tenants.path), { watch: false })
  const fragment = fc.constantFrom(
    'a: ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    '&x ',
    '*x',
    '!t ',
    '|\n',
    '"',
    "'",
    '#',
    '\n',
    '  ',
    '? ',
    '%',
    '---\n',
    'tenant_id: b\n',
    '\t',
    '\u0000',
    '<<: ',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.array(fragment, { maxLength: 30 }).map((parts) => parts.join('')),
  )
  await fc.assert(
    fc.asyncProperty(text, async (content) => {
      tenants.put('fuzz.yaml', content)
      const before = registry.snapshot()
      const reload = await registry.reload()
      expect(reload.ok).toBe(false)
      expect(registry.snapshot()).toBe(before)
      for (const problem of registry.problems()) {
        expect(problem.file).toBe('fuzz.yaml')
        expect(problem.line).toBeGreaterThan(0)
        expect(problem.column).toBeGreaterThan(0)
        expect(problem.line).toBeLessThanOrEqual(content.split('\n').length + 1)
      }
    }),
    { numRuns: 300 },
  )
})
