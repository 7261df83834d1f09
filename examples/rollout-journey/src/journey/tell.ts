import { isDeepStrictEqual } from 'node:util'
import { findDamage } from '../driver/damage.ts'
import { phase0 } from './phase-0.ts'
import { detect, phase1 } from './phase-1.ts'
import { phase2 } from './phase-2.ts'
import { phase3 } from './phase-3.ts'
import { phase4 } from './phase-4.ts'
import { phase5 } from './phase-5.ts'
import { field, resultOf } from './rollout-answers.ts'
import { command, operatorName, StoppedError } from './steps.ts'
import type { Story } from './story.ts'
import { showSummary } from './summary.ts'

/** The whole story, phase by phase. */
export async function tellAll(story: Story): Promise<void> {
  try {
    await beginRollout(story)
    await phase0(story)
    await phase1(story)
    await phase2(story)
    await phase3(story)
    await phase4(story)
    await phase5(story)
    await expectGreenAdvances(story)
  } catch (error) {
    if (!(error instanceof StoppedError)) throw error
    story.page.step(error.message)
  }
  expectNothingLost(story)
  await expectEveryRow(story)
  story.figures.plan = story.traffic.fingerprint()
  showSummary(story)
}

/** The detection phase alone, entered by flags and without waiting: what the driver is tried on. */
export async function tellDetection(story: Story): Promise<void> {
  story.assertions.enterPhase(1)
  await story.deploy('1', {
    environment: {
      TENANT_ENFORCEMENT_ENABLED: 'true',
      TENANT_ENFORCEMENT_MODE: 'log_only',
      TENANT_ENFORCEMENT_MODELS: 'all',
    },
  })
  await story.driver.logIn()
  await detect(story, 2)
  expectNothingLost(story)
}

/** What is on record about every step, whatever the story thought at the time. */
async function expectGreenAdvances({ page, operator, assertions, figures }: Story): Promise<void> {
  const argv = ['rollout', 'history', '--limit', '1000']
  page.command(argv)
  const { exitCode, said } = await operator.ask(argv)
  const history = resultOf(said)
  const entries = field(history, 'entries')
  const all: readonly unknown[] = Array.isArray(entries) ? entries : []
  for (const entry of all.filter((each) => field(each, 'change') === 'advance')) {
    const verdict = field(field(entry, 'evidence'), 'verdict')
    figures.advances.push({ to: Number(field(entry, 'stage')), verdict: String(verdict) })
  }
  assertions.expect(
    'every stage was entered once, and the verdict on record for it is green',
    exitCode === 0 &&
      all.length === field(history, 'total') &&
      isDeepStrictEqual(
        figures.advances,
        [1, 2, 3, 4].map((to) => ({ to, verdict: 'green' })),
      ),
    figures.advances.map(({ to, verdict }) => `stage ${to}: ${verdict}`).join(', '),
  )
}

async function beginRollout(story: Story): Promise<void> {
  await command(story, [
    'rollout',
    'init',
    '--actor',
    operatorName,
    '--reason',
    'the journey begins',
  ])
}

/** Once more, with every table read afresh and as a whole. */
async function expectEveryRow({ driver, tables, assertions }: Story): Promise<void> {
  driver.world.seen.forget()
  const [found] = await findDamage(tables, driver.world)
  assertions.expect(
    'at the end, every row of every table is as it must be',
    found === undefined,
    found === undefined ? '' : `${found.what} ${found.table} ${String(found.id)}`,
  )
}

function expectNothingLost({ driver, assertions }: Story): void {
  const { sent, answered, repeated } = driver.totals()
  assertions.expect(
    'no request was lost: each got exactly one answer',
    sent === answered && repeated === 0,
    `${sent} sent, ${answered} answered`,
  )
}
