import { dayMs, hourMs } from '../clock.ts'
import { unexplainedDamage } from '../driver/damage.ts'
import type { Answer } from '../driver/exchange.ts'
import { byLeak, countVerdicts, foreignRows } from '../driver/window.ts'
import { leakKinds } from '../leaks/leak.ts'
import { returningLeak } from '../releases/release-names.ts'
import { replaceFlagFile } from './flag-file.ts'
import { watchForRollback } from './generations.ts'
import { type DecidedBy, expectRecords, tallyRecords } from './records.ts'
import {
  advanceRefused,
  closeDeployment,
  closeWindow,
  command,
  everyKind,
  flipAndAssert,
  inBursts,
  operatorName,
  showVerdict,
} from './steps.ts'
import type { Story } from './story.ts'
import { triageAll } from './violations.ts'

const stageDays = 12

/** Requests over which the first leaks are spread: few enough that no rollback comes. */
const drillHours = 15
const perHour = 200
/** What the smallest share of full enforcement is measured over, in busier hours. */
const greenSample = 10_000
const greenPerHour = 500
const busyHours = greenSample / greenPerHour
/** What a day brings before them. */
const quietPerDay = 20
/** Busy hours in which the rollback must come. */
const rollbackHours = 12

/** Full enforcement, and what happens when it is put to the test. */
export async function phase3(story: Story): Promise<void> {
  const { page, assertions, traffic, clock } = story
  assertions.enterPhase(3)
  page.heading('Phase 3 · full enforcement: every model, and a drill')
  const stageBegan = clock.now()
  await traffic.hours(4, { correct: 40 })
  await closeWindow(story, 3, 'release 3, full enforcement')

  page.step('A drill: release 1 comes back, and a red verdict may roll back by itself.')
  await story.deploy('1', { onRed: 'rollback' })
  closeDeployment(story, 3, 'rolling out release 1')
  const before = await tallyRecords(story)
  await traffic.hours(drillHours, (hour) => ({
    correct: perHour,
    probes: { [leakKinds[hour % leakKinds.length] ?? returningLeak]: 1 },
  }))
  const drill = await closeWindow(story, 3, 'release 1, full enforcement')
  const probes = drill.answers.filter(({ leak }) => leak !== undefined)
  assertions.expect(
    'every kind is blocked, spread over at least 3 000 requests',
    drill.answers.length >= 3_000 &&
      leakKinds.every((kind) => byLeak(drill.answers).get(kind)?.every(blocked)),
    `${probes.length} leaks in ${drill.answers.length} requests`,
  )
  await expectRecords(story, 'each kind and model of the drill, blocked', {
    before,
    answers: drill.answers,
    decidedBy: enforce,
  })
  assertions.expect('0 foreign rows served', drill.foreign === 0)
  assertions.expect('0 foreign rows touched', drill.damage.length === 0)
  assertions.expect(
    'every correct request is answered as before',
    drill.answers.every(({ leak, verdict }) => leak !== undefined || verdict === 'correct'),
  )

  await enforcementOffAndOn(story, flipsByCommand(story))
  await enforcementOffAndOn(story, flipsByFile(story))
  await instantRollback(story)

  page.step('Release 3 again. The leaks are triaged, and a named person arms the walls.')
  await story.deploy('3')
  closeDeployment(story, 3, 'rolling out release 3 again')
  await triageAll(story, 'a real leak of the drill, mended in release 3')
  const rearm = [
    'rollout',
    'rearm',
    '--actor',
    operatorName,
    '--reason',
    'the drill is over',
    '--wait',
    '5',
  ]
  await flipAndAssert(story, 're-arm', 'command', {
    act: () => command(story, rearm),
    shownBy: { gauge: 'tenant_rollout_mode{mode="enforce"}', value: 1 },
  })
  await traffic.untilElapsed(
    stageBegan,
    stageDays * dayMs - busyHours * hourMs,
    inBursts(24, () => ({ correct: quietPerDay })),
  )
  await traffic.hours(busyHours, (hour) => ({
    correct: greenPerHour,
    // All thirteen are still tried: mended, they are correct requests.
    probes: { [leakKinds[hour % leakKinds.length] ?? returningLeak]: 1 },
  }))
  const green = await closeWindow(story, 3, 'release 3, re-armed')
  assertions.expect(
    'every request is answered correctly',
    green.counts.correct === green.answers.length,
  )
  const { verdict, gates } = await showVerdict(story, 'stage 3, re-armed')
  assertions.expect(
    'stage 3 ends with a green window: every gate is green, the days of the stage too',
    verdict === 'green' && gates.every((gate) => gate.verdict === 'green'),
  )
}

/** What is decided in this stage, whatever the model. */
const enforce: DecidedBy = () => ({ decision: 'block', reason: 'mode_enforce' })

interface EnforcementFlips {
  readonly how: 'file' | 'command'
  readonly off: () => Promise<unknown>
  readonly on: () => Promise<unknown>
}

function flipsByCommand(story: Story): EnforcementFlips {
  const flip = (position: 'off' | 'on'): Promise<unknown> =>
    command(story, ['enforcement', position, '--actor', operatorName, '--reason', 'drill'])
  return { how: 'command', off: () => flip('off'), on: () => flip('on') }
}

function flipsByFile({ folders }: Story): EnforcementFlips {
  const flip = async (enabled: 'false' | 'true'): Promise<void> =>
    replaceFlagFile(folders.flagFile, {
      TENANT_ENFORCEMENT_ENABLED: enabled,
      TENANT_ENFORCEMENT_MODE: 'enforce',
    })
  return { how: 'file', off: () => flip('false'), on: () => flip('true') }
}

/** Both flips come from outside, and what happens in between is counted on its own. */
async function enforcementOffAndOn(story: Story, flips: EnforcementFlips): Promise<void> {
  const { assertions, page, traffic } = story
  const { how } = flips
  const shownBy = { lane: 6, kind: returningLeak, salt: 2, legacy: false } as const
  const off = await flipAndAssert(story, `enforcement off, by ${how}`, how, {
    act: flips.off,
    shownBy: { ...shownBy, as: 'leaked' },
  })
  await traffic.hours(1, { correct: 60, probes: everyKind(1) })
  const on = await flipAndAssert(story, `enforcement on, by ${how}`, how, {
    act: flips.on,
    shownBy: { ...shownBy, as: 'blocked' },
  })
  await traffic.hours(1, { correct: 60, probes: everyKind(1) })
  const window = await closeWindow(story, 3, `enforcement off and on, by ${how}`)
  const probes = window.answers.filter(({ leak }) => leak !== undefined)
  const open = probes.filter(
    ({ sentAt, answeredAt }) => sentAt >= off.completedAt && answeredAt < on.begunAt,
  )
  const closed = probes.filter(({ sentAt }) => sentAt >= on.completedAt)
  page.step(
    `while enforcement was off: ${open.length} leaks reached, ${foreignRows(open)} foreign rows served or touched`,
  )
  assertions.expect(
    'while enforcement is off, nothing is blocked',
    open.length >= leakKinds.length && countVerdicts(open).blocked === 0,
    `${open.length} leaks`,
  )
  assertions.expect(
    'once it is on again, every leak is blocked',
    closed.length >= leakKinds.length && closed.every(blocked),
    `${closed.length} leaks`,
  )
}

/** The leaks rise to 5 %: the walls open by themselves, and stay open until a person acts. */
async function instantRollback(story: Story): Promise<void> {
  const { assertions, page, traffic, folders } = story
  const plan = { correct: 247, probes: everyKind(1) }
  const rollback = watchForRollback(folders.state)
  // Nobody knows in which hour it comes: what is sent until then is no part of the seeded plan.
  await traffic.hoursUntil(() => rollback.writtenAt() !== undefined, rollbackHours, {
    plan,
    rest: { correct: 1 },
  })
  const createdAt = rollback.writtenAt()
  await traffic.hours(1, plan)
  const window = await closeWindow(story, 3, 'release 1, 5 % leaks')
  assertions.expect('the instant rollback came', createdAt !== undefined)
  const document = createdAt ?? Number.POSITIVE_INFINITY
  const answeredBefore = window.answers.filter((answer) => wallTime(answer.answeredAt) < document)
  const after = window.answers.filter((answer) => wallTime(answer.answeredAt) >= document)
  assertions.expect(
    '0 foreign rows served by requests answered before the rollback was on record',
    foreignRows(answeredBefore) === 0,
    `${answeredBefore.length} requests, ${countVerdicts(answeredBefore).blocked} blocked`,
  )
  // Row for row, so that nothing is left that a request answered before could have touched.
  const unexplained = unexplainedDamage(window.damage, after)
  assertions.expect(
    'every damaged row is admitted by an answer after the rollback was on record, and no other is',
    createdAt !== undefined && unexplained.length === 0,
    unexplained.length === 0 ? `${window.damage.length} rows` : unexplained.join('; '),
  )
  page.step(
    `after the rollback: ${after.length} requests, ${countVerdicts(after).leaked} leaks served, ` +
      `${foreignRows(after)} foreign rows: the walls are open, as the document asks`,
  )
  assertions.expect('after it, leaks are served', countVerdicts(after).leaked > 0)
  await traffic.hours(4, { correct: 30 })
  await traffic.hours(1, { correct: 20, probes: { [returningLeak]: 2 } })
  const calm = await closeWindow(story, 3, 'calm again, and two leaks')
  assertions.expect(
    'the rollback latches: calm does not end it',
    calm.counts.blocked === 0 && calm.counts.leaked === 2,
  )
  await advanceRefused(story, 'stage 3, rolled back')
}

function blocked({ verdict }: Answer): boolean {
  return verdict === 'blocked'
}

function wallTime(monotonic: number): number {
  return performance.timeOrigin + monotonic
}
