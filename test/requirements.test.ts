import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { outcomeOf, readClaims, readMutations } from '../scripts/claims.mjs'
import { staticProblems, tableOf, unproven } from '../scripts/requirements.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

it('has a table of requirements that is up to date, and claims that can be tried', () => {
  expect(staticProblems(root)).toEqual([])
})

let tree: string
beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'partywall-claims-'))
  mkdirSync(join(tree, 'packages/door/src'), { recursive: true })
  mkdirSync(join(tree, 'packages/door/test'))
  mkdirSync(join(tree, 'docs'))
  writeFileSync(
    join(tree, 'docs/requirements.json'),
    JSON.stringify(
      [1, 2, 3].map((number) => ({ number, document: '001', text: `line ${number}` })),
    ),
  )
  writeFileSync(
    join(tree, 'packages/door/src/door.ts'),
    'const open = list.some((x) => x)\nconst twice = 1\nconst again = 1\n',
  )
})
afterEach(() => rmSync(tree, { recursive: true }))

/** Tags stand in braces here, so that this file itself claims nothing. */
const withTags = (text: string): string => text.replace(/\{((?:data )?[\d, –]+)\}/g, '[$1]')

function write(test: string): void {
  writeFileSync(join(tree, 'packages/door/test/door.test.ts'), withTags(test))
  writeFileSync(
    join(tree, 'docs/requirements.md'),
    tableOf(
      [1, 2, 3].map((number) => ({ number, document: '001', text: `line ${number}` })),
      readClaims(tree),
    ),
  )
}

const report = (status: string, title: string): Parameters<typeof unproven>[2] => ({
  testResults: [
    {
      name: join(tree, 'packages/door/test/door.test.ts'),
      assertionResults: [{ title: withTags(title), status }],
    },
  ],
})

it('reads ranges, kinds and changes that hold an arrow themselves', () => {
  write(
    "// mutation src/door.ts: list.some((x) => x) => list.every((x) => x)\nit('opens {1, 2–3}', () => {})\n" +
      "it('is a file {data 2}', () => {})\n",
  )
  expect(staticProblems(tree)).toEqual([])
  expect(readClaims(tree)).toMatchObject([
    {
      kind: 'behaviour',
      numbers: [1, 2, 3],
      mutations: [{ find: 'list.some((x) => x)', replacement: 'list.every((x) => x)' }],
    },
    { kind: 'data', numbers: [2], mutations: [] },
  ])
})

it('finds a claim without a change, and a change that fits nowhere or twice', () => {
  write("it('opens {1}', () => {})\n")
  expect(staticProblems(tree)).toMatchObject([expect.stringContaining('names no mutation')])
  for (const change of ['absent => x', '= 1 => = 2', 'no arrow']) {
    write(`// mutation src/door.ts: ${change}\nit('opens {1}', () => {})\n`)
    expect(staticProblems(tree)).toHaveLength(1)
  }
  write("// mutation src/window.ts: a => b\nit('opens {1}', () => {})\n")
  expect(staticProblems(tree)).toMatchObject([expect.stringContaining('no such file')])
})

it('reads the change of a test that claims nothing, and finds one that fits nowhere', () => {
  write(
    "// mutation src/door.ts: some( => every(\nit.each([\n  ['a', 1],\n])('is {as} it\\'s %s', () => {})\n" +
      "// mutation src/door.ts: open => shut\nit('is a claim, too {1}', () => {})\n",
  )
  expect(staticProblems(tree)).toEqual([])
  expect(readMutations(tree)).toMatchObject([
    { claim: { numbers: [1] }, mutation: { find: 'open' } },
    { claim: { title: "is {as} it's %s", numbers: [] }, mutation: { find: 'some(' } },
  ])
  write("// mutation src/door.ts: absent => x\nit('opens', () => {})\n")
  expect(staticProblems(tree)).toMatchObject([expect.stringContaining('absent')])
  writeFileSync(
    join(tree, 'packages/door/test/door.test.ts'),
    '// mutation src/door.ts: open => shut\nconst x = 1\n',
  )
  expect(() => readMutations(tree)).toThrow('no test stands below')
})

it('finds a number that is no requirement', () => {
  write("it('is a file {data 9}', () => {})\n")
  expect(staticProblems(tree)).toMatchObject([expect.stringContaining('9')])
})

it('finds a table that is out of date', () => {
  write("it('is a file {data 1}', () => {})\n")
  writeFileSync(
    join(tree, 'packages/door/test/other.test.ts'),
    withTags("it('is another {data 2}', () => {})"),
  )
  expect(staticProblems(tree)).toMatchObject([expect.stringContaining('out of date')])
})

it('finds a claim whose test did not pass or was not run', () => {
  write("it('is a file {data 1}', () => {})\n")
  const claims = readClaims(tree)
  expect(unproven(tree, claims, report('passed', 'is a file {data 1}'))).toEqual([])
  expect(unproven(tree, claims, report('failed', 'is a file {data 1}'))).toHaveLength(1)
  expect(unproven(tree, claims, report('skipped', 'is a file {data 1}'))).toHaveLength(1)
  expect(unproven(tree, claims, { testResults: [] })).toHaveLength(1)
})

it('knows the tests of a loop by the part of their titles that is written', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the test's own placeholder
  write('for (const x of xs) it(`is file ${x} {data 1}`, () => {})\n')
  const claims = readClaims(tree)
  expect(unproven(tree, claims, report('passed', 'is file a {data 1}'))).toEqual([])
  expect(unproven(tree, claims, report('passed', 'is folder a {data 1}'))).toHaveLength(1)
})

it('takes a test that did not run for no proof, in either direction', () => {
  const claim = { file: 'packages/door/test/door.test.ts', title: 'opens [1]' }
  const became = (...statuses: readonly string[]): string => {
    const assertionResults = statuses.map((status) => ({ title: claim.title, status }))
    return outcomeOf([{ name: join(tree, claim.file), assertionResults }], tree, claim)
  }
  for (const status of ['skipped', 'pending', 'todo', 'disabled']) {
    expect(became(status)).toBe('did not run')
    expect(became('passed', status)).toBe('did not run')
  }
  expect(became()).toBe('did not run')
  expect(outcomeOf([], tree, claim)).toBe('did not run')
  expect([became('passed'), became('passed', 'failed')]).toEqual(['passed', 'failed'])
})
