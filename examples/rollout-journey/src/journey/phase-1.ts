import { dayMs, hourMs } from '../clock.ts'
import { declaredModels } from '../data/models.ts'
import type { Answer } from '../driver/exchange.ts'
import { byLeak } from '../driver/window.ts'
import { leakKinds } from '../leaks/leak.ts'
import { endpointOf, openRelationsOf, plantedLeaks } from '../leaks/planted.ts'
import { type DecidedBy, expectRecords, tallyRecords } from './records.ts'
import { expectFigures, figuresOf, figuresOfDashboard, figuresOfReport } from './reports.ts'
import { resultOf, type ViolationAnswer } from './rollout-answers.ts'
import {
  advance,
  advanceRefused,
  type ClosedWindow,
  closeDeployment,
  closeWindow,
  everyKind,
  inBursts,
  rareLegacyLeaks,
} from './steps.ts'
import type { Story } from './story.ts'
import { countOf, listViolations } from './violations.ts'

const stageDays = 8

/** Detection: everything is found, nothing is blocked, and the verdict says not yet. */
export async function phase1(story: Story): Promise<void> {
  const { page, assertions, traffic, clock } = story
  assertions.enterPhase(1)
  page.heading('Phase 1 · detection: everything is seen, nothing is blocked')
  const stageBegan = clock.now()
  const before = await tallyRecords(story)
  const detected = await detect(story, 24)
  await expectRecords(story, 'detection', {
    before,
    answers: detected.answers,
    decidedBy: logOnly,
  })
  const refused = await advanceRefused(story, 'stage 1, release 1')
  assertions.expect(
    'the verdict is red, because of CRITICAL models',
    refused.verdict === 'red' &&
      refused.gates.some((gate) => gate.gate === 'critical_violations' && gate.verdict === 'red'),
  )
  await showReports(story, detected.answers)

  page.step('Release 2: what is CRITICAL is mended; the rest is left to a few old programs.')
  await story.deploy('2')
  const rare = rareLegacyLeaks(2)
  const soFar = await tallyRecords(story)
  closeDeployment(story, 1, 'rolling out release 2')
  await traffic.untilElapsed(
    stageBegan,
    stageDays * dayMs,
    inBursts(6, (burst) => ({ correct: 37, probes: rare(burst), legacy: true })),
  )
  const after = await closeWindow(story, 1, 'release 2, log only')
  assertions.expect('still nothing is blocked', after.counts.blocked === 0)
  await expectRecords(story, 'release 2, log only', {
    before: soFar,
    answers: after.answers,
    decidedBy: logOnly,
  })
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
  expectAllReported(story, await listViolations(story), window.answers)
  return window
}

/** What is decided in this stage, whatever the model. */
const logOnly: DecidedBy = () => ({ decision: 'log', reason: 'mode_log_only' })

/** Every leak under its own endpoint and model, as often as it leaked; no other query. */
function expectAllReported(
  { assertions, page }: Story,
  reported: readonly ViolationAnswer[],
  answers: readonly Answer[],
): void {
  const rows: string[][] = []
  const missing: string[] = []
  const extra: string[] = []
  const groups = byLeak(answers)
  const wanted = new Set<string>()
  for (const leak of plantedLeaks) {
    const endpoint = endpointOf(leak)
    const sent = groups.get(leak.kind)?.length ?? 0
    // Mostly one; a statement that leaves two relations open is two violations.
    for (const { model } of openRelationsOf(leak)) {
      wanted.add(`${endpoint} ${model}`)
      const count = countOf(reported, (it) => it.endpoint === endpoint && it.model === model)
      rows.push([leak.kind, model, declaredModels[model] ?? '', String(sent), String(count)])
      if (count < sent || sent === 0) missing.push(`${leak.kind} (${count} of ${sent})`)
      if (count > sent) extra.push(`${leak.kind} ${model} (${count} instead of ${sent})`)
    }
  }
  page.table(['planted leak', 'model', 'severity', 'requests', 'reported'], rows)
  assertions.expect(
    'every planted kind is reported, as often as it was reached',
    missing.length === 0,
    missing.join(', '),
  )
  for (const { endpoint, model, count } of reported) {
    if (!wanted.has(`${endpoint} ${model}`)) extra.push(`${endpoint} ${model} (${count})`)
  }
  assertions.expect('no correct query is reported', extra.length === 0, extra.join(', '))
}

/** What the team reads in the morning, and whether it says what the driver knows. */
async function showReports(story: Story, answers: readonly Answer[]): Promise<void> {
  const { page, operator, fleet, clock, assertions } = story
  await fleet.flush()
  const show = async (argv: readonly string[], lines: number): Promise<unknown> => {
    // The page for people, and the figures on it for us.
    const [{ stdout, exitCode }, asked] = await Promise.all([
      operator.run(argv),
      operator.ask(argv),
    ])
    page.command(argv)
    page.quote(stdout, lines)
    assertions.expect(
      `partywall ${argv.join(' ')} succeeds`,
      exitCode === 0 && asked.exitCode === 0 && stdout.trim() !== '',
    )
    return resultOf(asked.said)
  }
  const report = await show(['report', '--date', 'yesterday'], 24)
  const yesterday = clock.now() - (clock.now() % dayMs) - dayMs
  const ofYesterday = answers.filter(
    ({ storyTime }) => storyTime >= yesterday && storyTime < yesterday + dayMs,
  )
  const { counts, endpoints } = figuresOf(ofYesterday)
  expectFigures(story, 'the daily report', figuresOfReport(report), {
    counts: new Map([...counts, ['requests', ofYesterday.length]]),
    endpoints,
  })
  const dashboard = await show(['report', '--dashboard', 'violations'], 16)
  // The last 24 hours end with the hour that has begun.
  const since = clock.now() + hourMs - dayMs
  const ofLastDay = answers.filter(({ storyTime }) => storyTime >= since)
  expectFigures(
    story,
    'the dashboard of violations',
    figuresOfDashboard(dashboard),
    figuresOf(ofLastDay),
  )
}
