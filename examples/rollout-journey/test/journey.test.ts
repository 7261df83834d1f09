import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Assertion } from '../src/journey/assertions.ts'
import type { Figures } from '../src/journey/figures.ts'
import { type Program, startProgram } from './program.ts'

interface Told extends Figures {
  readonly assertions: readonly Assertion[]
}

let program: Program
let told: Told

// One run of the demo's own program for all of them: each test asks for a part of what it asserts.
// A change of settings may take longer to arrive while a whole machine checks everything.
beforeAll(async () => {
  program = startProgram((folder) => ['--flip-within', '10000', '--json', join(folder, 'all.json')])
  await program.ended
  const figures = join(program.folder, 'all.json')
  if (!existsSync(figures)) throw new Error(program.output().slice(-4_000))
  told = JSON.parse(readFileSync(figures, 'utf8'))
}, 400_000)
afterAll(() => program.remove())

/** What was asserted under names that hold one of these texts; there must be something. */
function failedAbout(...texts: readonly string[]): readonly string[] {
  const about = told.assertions.filter(({ name }) => texts.some((text) => name.includes(text)))
  for (const text of texts) {
    expect(
      about.some(({ name }) => name.includes(text)),
      `something about "${text}"`,
    ).toBe(true)
  }
  return about.filter(({ held }) => !held).map(({ name, detail }) => `${name}: ${detail}`)
}

it('is the demo: all that it asserts holds, it says so in 100 columns, and leaves nothing', async () => {
  expect(told.assertions.filter(({ held }) => !held)).toEqual([])
  expect(await program.ended).toEqual({ code: 0, signal: null })
  expect(program.output()).toContain('The journey succeeded.')
  expect(
    program
      .output()
      .split('\n')
      .filter((line) => line.length > 100),
  ).toEqual([])
  expect(program.left()).toEqual(['all.json'])
})

/** Times differ from run to run. */
function masked(text: string): string {
  return text.replace(/=+ [\d.]+ s$/gm, '= s').replace(/\d+ ms/g, '# ms')
}

function flat(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

it('prints every line that the first page shows of it, none of them cut', () => {
  const page = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
  const shown = /^```text\n(.*?)\n```$/ms.exec(page)?.[1]?.split('\n') ?? []
  expect(shown.length).toBeGreaterThan(10)
  const lines = masked(program.output()).split('\n')
  const running = flat(lines.join(' '))
  for (const line of shown) {
    // A time is part of where its sentence is broken into lines.
    if (/ ms\b|^ +renaming /.test(line)) expect(running).toContain(flat(masked(line)))
    else expect(lines).toContain(masked(line))
  }
})

it('flips both switches by command and by file, each time on every instance in time', () => {
  expect(told.flips.map(({ name, how }) => [name, how])).toEqual([
    ['partial rollback of RefreshToken', 'command'],
    ['restore of RefreshToken', 'command'],
    ['enforcement off, by command', 'command'],
    ['enforcement on, by command', 'command'],
    ['enforcement off, by file', 'file'],
    ['enforcement on, by file', 'file'],
    ['re-arm', 'command'],
    ['kill switch on, by command', 'command'],
    ['kill switch off, by command', 'command'],
    ['kill switch on, by file', 'file'],
    ['kill switch off, by file', 'file'],
    ['kill switch on, by command, in the last stage', 'command'],
    ['kill switch off, by command, in the last stage', 'command'],
  ])
  for (const { ms } of told.flips) expect(ms).toBeLessThanOrEqual(10_000)
})

// mutation src/fleet/fleet.ts: if (previous !== undefined) await end(previous) => if (previous !== undefined) previous.kill()
it('loses no request through eight deployments, every flip and every rollback [40, 142, 144]', () => {
  expect(failedAbout('no request was lost', 'every answer is as it must be')).toEqual([])
  expect(told.windows.reduce((sum, { lost }) => sum + lost, 0)).toBe(0)
})

it('asks for the same sequence of verdicts in every run', () => {
  expect(told.verdicts).toEqual([
    { at: 'before stage 1', verdict: 'green' },
    { at: 'stage 1, release 1', verdict: 'red' },
    { at: 'before stage 2', verdict: 'green' },
    { at: 'stage 2, release 2b', verdict: 'red' },
    { at: 'stage 2, one model taken out', verdict: 'red' },
    { at: 'before stage 3', verdict: 'green' },
    { at: 'stage 3, rolled back', verdict: 'inconclusive' },
    { at: 'stage 3, re-armed', verdict: 'green' },
    { at: 'before stage 4', verdict: 'green' },
    { at: 'stage 4, release 4', verdict: 'green' },
  ])
})

// mutation ../../packages/rollout/src/settings.ts: if (!flags.enabled || flags.mode === 'disabled') return 'disabled' => if (!flags.enabled || flags.mode === 'disabled') return 'enforce'
it('prepares unnoticed: walls load, queries pass unchanged, nothing is on record [43, 45, 47, 48, 50]', () => {
  expect(
    failedAbout(
      'leaks are served as before: every query passes unchanged',
      'no violation is on record',
      'stage 0 is left on a green verdict',
    ),
  ).toEqual([])
})

// mutation ../../packages/sql/src/guard/guard.ts: answer(violations, scope) => if (violations.length > 1) answer(violations, scope)
it('detects every kind of leak and no correct query, and blocks nothing [52, 58, 153]', () => {
  expect(
    failedAbout(
      'every planted kind is reported',
      'no correct query is reported',
      'the records are exactly those of the leaks that were reached: detection',
      'nothing is blocked',
    ),
  ).toEqual([])
})

// mutation ../../packages/rollout/src/measures.ts: violations(counts, (model) => isCritical(evidence, model)), => 0,
it('goes on only when CRITICAL models are clean and the rate has come down [59, 60, 62, 158]', () => {
  expect(
    failedAbout(
      'the verdict is red, because of CRITICAL models',
      'advance is refused',
      'the daily report counts exactly',
      'the dashboard of violations counts exactly',
      'stage 1 is left on a green verdict',
    ),
  ).toEqual([])
})

// mutation ../../packages/rollout/src/stage-flags.ts: const left = enforced.filter((model) => !taken.includes(model)) => const left = enforced.slice(0, 1)
it('enforces CRITICAL models, and takes out one of them while the others stay [75–77, 143, 155]', () => {
  expect(
    failedAbout(
      'leaks on models that are only watched are served',
      'the others are logged',
      'the leak that came back is blocked, never served',
      'the gate of CRITICAL models is red',
      'every instance still enforces the others',
      'partial rollback of',
      'stage 2 is left on a green verdict',
    ),
  ).toEqual([])
})

// mutation ../../packages/sql/src/guard/guard.ts: const blocked = decided.find(({ decision }) => decision.action === 'block') => const blocked = decided.find(({ decision, violation }) => decision.action === 'block' && violation.severity !== 'MEDIUM')
it('blocks every kind with 0 foreign rows, and answers everything else as before [85, 89, 154]', () => {
  expect(
    failedAbout(
      'every kind is blocked, spread over at least 3 000 requests',
      'each kind and model of the drill, blocked',
      '0 foreign rows served',
      '0 foreign rows touched',
      'every correct request is answered as before',
      'once it is on again, every leak is blocked',
    ),
  ).toEqual([])
})

// mutation src/leaks/forgotten-where.ts: .where('tenant_id', '=', tenantKey) => .limit(pageSize)
it('answers the mended /api/admin/users with 200 under full enforcement [156]', () => {
  const { windows } = told
  const armed = windows.find(({ window }) => window === 'release 3, re-armed')
  expect(armed).toMatchObject({ blocked: 0, leaked: 0, wrong: 0 })
  expect(armed?.correct).toBeGreaterThan(10_000)
})

// mutation ../../packages/rollout/src/automatic-rollback.ts: rolledBack(generation, 'log_only', => rolledBack(generation, 'selective',
it('rolls back by itself above 1 %, and stays open until a person arms again [140, 141]', () => {
  expect(
    failedAbout(
      'the instant rollback came',
      'requests answered before the rollback was on record',
      'every damaged row is admitted by an answer after the rollback',
      'after it, leaks are served',
      'the rollback latches',
    ),
  ).toEqual([])
})

it('ends full enforcement with a green window, and enters every stage once, on a green verdict', () => {
  expect(
    failedAbout(
      'stage 3 ends with a green window',
      'every stage was entered once, and the verdict on record for it is green',
    ),
  ).toEqual([])
})

it('closes by the kill switch under load, and changes no row of another tenant', () => {
  expect(
    failedAbout(
      'every other tenant gets 501',
      'default works as before',
      'jobs of other tenants are refused too',
      'no row of another tenant changes while the switch is on',
      'everybody is served again',
    ),
  ).toEqual([])
})

// mutation ../../packages/rollout/src/decide.ts: return rules.bypass !== undefined && isDocumentedJob(rules, violation, scope) => return rules.bypass !== undefined
it('hardens: no flag opens, one documented job passes, on record [94–97, 161]', () => {
  expect(
    failedAbout(
      'an instance that would start with loosening flags refuses to',
      'enforcement off is refused',
      'every instance has read the file',
      'a flag file that opens is not followed',
      'the documented system job runs over every tenant',
      'a system job that nobody documented is blocked',
      'its bypass is on record with actor and reason',
      'the last stage is green',
    ),
  ).toEqual([])
})
