import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { readFaults, withoutProof, withoutTest } from '../scripts/faults.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const timeout = 60_000

it('names for every fault a test that is there and is run', { timeout }, () => {
  const faults = readFaults(readFileSync(join(root, 'docs/faults.md'), 'utf8'))
  expect(faults.length).toBeGreaterThan(20)
  expect(withoutTest(root, faults)).toEqual([])
})

const page = (...shownBy: readonly string[]): ReturnType<typeof readFaults> =>
  readFaults(
    ['| fault | what happens | shown by |', '|-|-|-|']
      .concat(shownBy.map((by) => `| rain | wet | ${by} |`))
      .join('\n'),
  )

const file = 'test/weather.test.ts'

/** Ways to leave a test out, by name: what only such a test shows is shown by nobody. */
const [unrun, unwritten] = ['skip', 'todo']

const source = `
import { describe, it } from 'vitest'
// it('is only a comment', () => {})
it('is run', () => 'it is only a text')
it.${unrun}('is skipped', () => {})
it.${unwritten}('is still to be written')
describe.${unrun}('weather', () => it('is part of what is skipped', () => {}))
describe('rain', () => it.each(['hail'])('in %s', () => {}))
it.runIf(true)('is run here', () => {})
it.runIf(false)('is run elsewhere', () => {})
`

it('finds a row whose title is in no test, or in one that is never run', { timeout }, () => {
  const tree = mkdtempSync(join(tmpdir(), 'partywall-faults-'))
  try {
    mkdirSync(join(tree, 'test'))
    writeFileSync(join(tree, file), source)
    symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'))
    const unshown = [
      'is only a comment',
      'is only a text',
      'is skipped',
      'is still to be written',
      'is part of what is skipped',
      'is run elsewhere',
      'snow > in %s',
    ].map((title) => `\`${file}\`: ${title}`)
    const shown = ['is run', 'rain > in %s', 'is run here'].map((title) => `\`${file}\`: ${title}`)
    const others = ['`test/sun.test.ts`: is run', 'nobody']
    const found = withoutTest(tree, page(...unshown, ...shown, ...others))
    expect(found.map((problem) => / wet \| (.*) \|$/.exec(problem)?.[1])).toEqual([
      ...unshown,
      ...others,
    ])
  } finally {
    rmSync(tree, { recursive: true })
  }
})

it('finds a row whose tests did not all pass', () => {
  const rain = page(`\`${file}\`: rain > in %s`)
  const report = (...statuses: readonly string[]): Parameters<typeof withoutProof>[2] => ({
    testResults: [
      {
        name: join(root, file),
        assertionResults: statuses.map((status) => ({
          ancestorTitles: ['rain'],
          title: 'in hail',
          status,
        })),
      },
    ],
  })
  expect(withoutProof(root, rain, report('passed', 'passed'))).toEqual([])
  for (const status of ['failed', 'skipped', 'pending', 'todo']) {
    expect(withoutProof(root, rain, report('passed', status))).toHaveLength(1)
  }
  expect(withoutProof(root, rain, report())).toHaveLength(1)
  const snow = page(`\`${file}\`: snow > in %s`)
  expect(withoutProof(root, snow, report('passed'))).toHaveLength(1)
})
