import { dayMs } from '../clock.ts'
import { models } from '../data/models.ts'
import { byLeak, foreignRows } from '../driver/window.ts'
import { leakKinds } from '../leaks/leak.ts'
import { plantedLeaks } from '../leaks/planted.ts'
import { returningLeak } from '../releases/release-names.ts'
import { askWalls } from './ask-walls.ts'
import { type DecidedBy, expectRecords, tallyRecords } from './records.ts'
import { field } from './rollout-answers.ts'
import {
  advance,
  advanceRefused,
  closeDeployment,
  closeWindow,
  command,
  flipAndAssert,
  inBursts,
  legacyLeaks,
  operatorName,
  rareLegacyLeaks,
  showVerdict,
} from './steps.ts'
import type { Story } from './story.ts'
import { triageAll } from './violations.ts'

const stageDays = 6
const model = plantedLeaks.find(({ kind }) => kind === returningLeak)?.model ?? ''
const criticalModels = models
  .filter(({ severity }) => severity === 'CRITICAL')
  .map((declared) => declared.model)

/** What is decided in this stage: CRITICAL models are on the one list, all others on the other. */
const selective: DecidedBy = (name) =>
  criticalModels.includes(name)
    ? { decision: 'block', reason: 'enforce_list' }
    : { decision: 'log', reason: 'log_list' }

/** Selective enforcement: CRITICAL models are walled in, the others are watched. */
export async function phase2(story: Story): Promise<void> {
  const { page, assertions, traffic, clock } = story
  assertions.enterPhase(2)
  page.heading('Phase 2 · selective: CRITICAL models are enforced, the others are watched')
  const stageBegan = clock.now()
  const rare = rareLegacyLeaks(2)
  const before = await tallyRecords(story)
  await traffic.hours(12, (hour) => ({ correct: 20, probes: rare(hour), legacy: true }))
  const quiet = await closeWindow(story, 2, 'release 2, selective')
  const watched = byLeak(quiet.answers)
  assertions.expect(
    'leaks on models that are only watched are served, every kind of them',
    quiet.counts.blocked === 0 &&
      legacyLeaks.every((kind) => watched.get(kind)?.every(({ verdict }) => verdict === 'leaked')),
    `${quiet.counts.leaked} leaks`,
  )
  await expectRecords(story, 'the others are logged', {
    before,
    answers: quiet.answers,
    decidedBy: selective,
  })

  page.step(`Release 2b brings one CRITICAL leak back: ${returningLeak} on ${model}.`)
  await story.deploy('2b')
  const beforeBack = await tallyRecords(story)
  await traffic.hours(12, (hour) => ({
    correct: 20,
    probes: { ...rare(hour), [returningLeak]: hour % 3 === 0 ? 1 : 0 },
    legacy: true,
  }))
  const back = await closeWindow(story, 2, 'release 2b, selective')
  const returned = byLeak(back.answers).get(returningLeak) ?? []
  assertions.expect(
    'the leak that came back is blocked, never served',
    returned.length > 0 && returned.every(({ verdict }) => verdict === 'blocked'),
    `${returned.length} requests`,
  )
  assertions.expect(
    'nothing else is blocked',
    back.answers.every(({ leak, verdict }) => verdict !== 'blocked' || leak === returningLeak),
  )
  await expectRecords(story, 'release 2b, selective', {
    before: beforeBack,
    answers: back.answers,
    decidedBy: selective,
  })
  const refused = await advanceRefused(story, 'stage 2, release 2b')
  assertions.expect(
    'the gate of CRITICAL models is red',
    refused.gates.some((gate) => gate.gate === 'critical_blocks' && gate.verdict === 'red'),
  )
  await partialRollback(story)

  page.step(
    'Release 3: every leak is mended. The blocked queries are triaged, the model goes back in.',
  )
  await story.deploy('3')
  await triageAll(story, 'a real leak of release 2b, mended in release 3')
  const restore = [
    'rollout',
    'restore',
    '--model',
    model,
    '--actor',
    operatorName,
    '--reason',
    'mended in release 3',
    '--wait',
    '5',
  ]
  // Release 3 has no leak left that would show it: each instance says how many models it enforces.
  await flipAndAssert(story, `restore of ${model}`, 'command', {
    act: () => command(story, restore),
    shownBy: { gauge: 'tenant_rollout_enforced_models', value: criticalModels.length },
  })
  closeDeployment(story, 2, 'rolling out release 3')
  await traffic.untilElapsed(
    stageBegan,
    stageDays * dayMs,
    inBursts(6, (burst) => ({
      correct: 52,
      // All thirteen are still tried: mended, they are correct requests.
      probes: { [leakKinds[burst % leakKinds.length] ?? returningLeak]: 1 },
    })),
  )
  const green = await closeWindow(story, 2, 'release 3, selective')
  assertions.expect(
    'every request is answered correctly',
    green.counts.correct === green.answers.length,
  )
  await advance(story, 3, 'CRITICAL models are enforced and nobody is blocked')
}

/** One model is taken out from outside the running processes; the others stay enforced. */
async function partialRollback(story: Story): Promise<void> {
  const { assertions, page, traffic } = story
  const argv = [
    'rollout',
    'rollback',
    '--model',
    model,
    '--actor',
    operatorName,
    '--reason',
    'the session screen fails',
  ]
  const before = await askWalls(story)
  await flipAndAssert(story, `partial rollback of ${model}`, 'command', {
    act: () => command(story, argv),
    shownBy: { lane: 5, kind: returningLeak, salt: 1, legacy: false, as: 'leaked' },
  })
  const after = await askWalls(story)
  await traffic.hours(3, { correct: 40, probes: { [returningLeak]: 2 } })
  const window = await closeWindow(story, 2, `release 2b, ${model} taken out`)
  const returned = byLeak(window.answers).get(returningLeak) ?? []
  page.step(
    `${foreignRows(returned)} foreign rows counted for strangers while ${model} is only watched: this is what the rollback costs`,
  )
  const enforced = criticalModels
  assertions.expect(
    'before it, every instance enforces every CRITICAL model',
    before.every((walls) => enforced.every((name) => field(walls, name) === 'blocked')),
  )
  assertions.expect(
    `after it, every instance still enforces the others`,
    after.every((walls) =>
      enforced.every((name) => field(walls, name) === (name === model ? 'open' : 'blocked')),
    ),
  )
  const check = await showVerdict(story, 'stage 2, one model taken out')
  assertions.expect('the verdict is not green while a model is out', check.verdict !== 'green')
}
