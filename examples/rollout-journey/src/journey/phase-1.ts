import { dayMs } from '../clock.ts'
import type { Answer } from '../driver/exchange.ts'
import { byLeak } from '../driver/window.ts'
import { leakKinds } from '../leaks/leak.ts'
import { endpointOf, plantedLeaks } from '../leaks/planted.ts'
import type { ViolationAnswer } from './rollout-answers.ts'
import {
  advance,
  advanceRefused,
  type ClosedWindow,
  closeDeployment,
  closeWindow,
  everyKind,
  rareLegacyLeaks,
} from './steps.ts'
import type { Story } from './story.ts'
import { listViolations } from './violations.ts'

const stageDays = 8

/** Detection: everything is found, nothing is blocked, and the verdict says not yet. */
export async function phase1(story: Story): Promise<void> {
  const { page, assertions, traffic, clock } = story
  assertions.enterPhase(1)
  page.heading('Phase 1 · detection: everything is seen, nothing is blocked')
  const stageBegan = clock.now()
  await detect(story, 24)
  const refused = await advanceRefused(story, 'stage 1, release 1')
  assertions.expect(
    'the verdict is red, because of CRITICAL models',
    refused.verdict === 'red' &&
      refused.gates.some((gate) => gate.gate === 'critical_violations' && gate.verdict === 'red'),
  )
  await showReports(story)

  page.step('Release 2: what is CRITICAL is mended; the rest is left to a few old programs.')
  await story.deploy('2')
  const rare = rareLegacyLeaks('2', 8)
  closeDeployment(story, 1, 'rolling out release 2')
  await traffic.untilElapsed(stageBegan, stageDays * dayMs, (hour) => ({
    correct: 7,
    probes: rare(hour),
    legacy: true,
  }))
  const after = await closeWindow(story, 1, 'release 2, log only')
  assertions.expect('still nothing is blocked', after.counts.blocked === 0)
  await advance(story, 2, 'CRITICAL models are clean for a week')
}

/** The first day of the detection, on its own: every kind is reported, and nothing else is. */
export async function detect(story: Story, hours: number): Promise<ClosedWindow> {
  const { assertions, traffic } = story
  await traffic.hours(hours, { correct: 14, probes: everyKind(1) })
  const window = await closeWindow(story, 1, 'release 1, log only')
  const groups = byLeak(window.answers)
  for (const kind of leakKinds) {
    const answers = groups.get(kind) ?? []
    const leaks = answers.filter(({ verdict }) => verdict === 'leaked').length
    if (leaks < answers.length || leaks === 0) {
      assertions.expect(`${kind} leaks`, false, `${leaks} of ${answers.length} requests leaked`)
    }
  }
  assertions.expect('nothing is blocked', window.counts.blocked === 0)
  const reported = await listViolations(story)
  expectAllReported(story, reported, window.answers)
  return window
}

/** Every leak under its own endpoint and model, as often as it leaked; no other query. */
function expectAllReported(
  { assertions, page }: Story,
  reported: readonly ViolationAnswer[],
  answers: readonly Answer[],
): void {
  const rows: string[][] = []
  const missing: string[] = []
  const groups = byLeak(answers)
  for (const leak of plantedLeaks) {
    const endpoint = endpointOf(leak)
    const count = reported
      .filter((found) => found.endpoint === endpoint && found.model === leak.model)
      .reduce((sum, found) => sum + found.count, 0)
    const sent = groups.get(leak.kind)?.length ?? 0
    rows.push([leak.kind, leak.model, leak.severity, String(sent), String(count)])
    if (count !== sent || sent === 0) missing.push(`${leak.kind} (${count} of ${sent})`)
  }
  page.table(['planted leak', 'model', 'severity', 'requests', 'reported'], rows)
  assertions.expect(
    'every planted kind is reported, as often as it was reached',
    missing.length === 0,
    missing.join(', '),
  )
  const endpoints = new Set(plantedLeaks.map(endpointOf))
  const others = reported.filter(({ endpoint }) => !endpoints.has(endpoint))
  assertions.expect(
    'no correct query is reported',
    others.length === 0,
    others.map(({ endpoint, model }) => `${endpoint} ${model}`).join(', '),
  )
}

/** What the team reads in the morning. */
async function showReports({ page, operator, fleet }: Story): Promise<void> {
  await fleet.flush()
  for (const [argv, lines] of [
    [['report', '--date', 'yesterday'], 24],
    [['report', '--dashboard', 'violations'], 16],
  ] as const) {
    page.command(argv)
    const { stdout } = await operator.run(argv)
    page.quote(stdout, lines)
  }
}
