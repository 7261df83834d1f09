import { dayMs } from '../clock.ts'
import { byLeak } from '../driver/window.ts'
import { leakKinds } from '../leaks/leak.ts'
import { compareLatency } from './latency.ts'
import { advance, closeWindow, everyKind, inBursts } from './steps.ts'
import type { Story } from './story.ts'
import { listViolations } from './violations.ts'

const stageDays = 2

/** Prepared: the walls are in the code and do nothing, and nobody notices them. */
export async function phase0(story: Story): Promise<void> {
  const { page, assertions, traffic, driver, clock, figures } = story
  assertions.enterPhase(0)
  page.heading('Phase 0 · prepared: the walls are there and do nothing')
  const stageBegan = clock.now()
  page.step('Release 1, as it was found, without walls. Then the walls come in, switched off.')
  await story.deploy('1', { walls: 'none' })
  await driver.logIn()
  await traffic.hours(2, { correct: 40, probes: everyKind(1) })
  const found = await closeWindow(story, 0, 'release 1 without walls')
  assertions.expect(
    'every planted leak leaks',
    leakKinds.every((kind) => byLeak(found.answers).get(kind)?.every(leaked)),
    unleaked(found.answers),
  )

  // All walls on one instance, all but the guard on the other, and the same requests to both.
  await story.deploy('1', { names: ['b'] })
  await story.deploy('1', { names: ['a'], walls: 'guard-off' })
  figures.latency = await compareLatency(story)
  const { withoutGuard, withGuard, ratio, requests } = figures.latency
  await closeWindow(story, 0, 'a without, b with the guard')
  page.table(
    [`latency of ${requests} requests, in turn`, 'p50 ms', 'p95 ms'],
    [
      ['a: all walls but the guard', withoutGuard.p50.toFixed(2), withoutGuard.p95.toFixed(2)],
      ['b: the guard too, disabled', withGuard.p50.toFixed(2), withGuard.p95.toFixed(2)],
    ],
  )
  page.step(`ratio of the medians ${ratio.toFixed(3)} (goal 1.05; printed, not asserted)`)

  await story.deploy('1', { names: ['a'] })
  await traffic.hours(1, { correct: 60, probes: everyKind(1) })
  await traffic.untilElapsed(
    stageBegan,
    stageDays * dayMs,
    inBursts(6, () => ({ correct: 80 })),
  )
  const quiet = await closeWindow(story, 0, 'release 1, guard loaded, disabled')
  assertions.expect(
    'leaks are served as before: every query passes unchanged',
    leakKinds.every((kind) => byLeak(quiet.answers).get(kind)?.every(leaked)),
    unleaked(quiet.answers),
  )
  assertions.expect('nothing is blocked', quiet.counts.blocked === 0)
  const violations = await listViolations(story)
  assertions.expect('no violation is on record', violations.length === 0, `${violations.length}`)
  await advance(story, 1, 'the walls load, cost nothing and do nothing')
}

function leaked({ verdict }: { verdict: string }): boolean {
  return verdict === 'leaked'
}

function unleaked(answers: Parameters<typeof byLeak>[0]): string {
  const groups = byLeak(answers)
  return leakKinds.filter((kind) => !groups.get(kind)?.every(leaked)).join(', ')
}
