import { phase0 } from './phase-0.ts'
import { detect, phase1 } from './phase-1.ts'
import { phase2 } from './phase-2.ts'
import { phase3 } from './phase-3.ts'
import { phase4 } from './phase-4.ts'
import { phase5 } from './phase-5.ts'
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
    const stage3Began = story.clock.now()
    await phase3(story)
    await phase4(story, stage3Began)
    await phase5(story)
  } catch (error) {
    if (!(error instanceof StoppedError)) throw error
    story.page.step(error.message)
  }
  expectNothingLost(story)
  const { advances } = story.figures
  story.assertions.expect(
    'no stage was entered on a verdict other than green',
    advances.length === 4 && advances.every(({ verdict }) => verdict === 'green'),
  )
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

function expectNothingLost({ driver, assertions }: Story): void {
  const { sent, answered, repeated } = driver.totals()
  assertions.expect(
    'no request was lost: each got exactly one answer',
    sent === answered && repeated === 0,
    `${sent} sent, ${answered} answered`,
  )
}
