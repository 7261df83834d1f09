import {
  countOpenTransactions,
  type Damage,
  findDamage,
  restore,
  unexplainedDamage,
} from '../driver/damage.ts'
import type { Answer } from '../driver/exchange.ts'
import type { HourPlan } from '../driver/plan.ts'
import { countVerdicts, foreignRows } from '../driver/window.ts'
import type { FlipTiming } from '../fleet/flip.ts'
import type { LeakKind } from '../leaks/leak.ts'
import { plantedLeaks } from '../leaks/planted.ts'
import { type CheckAnswer, checkIn, checkRollout, field, resultOf } from './rollout-answers.ts'
import type { Flip, Story } from './story.ts'

/** Who acts in the story. */
export const operatorName = 'mara'

/** A stretch of the story that is over: its answers judged, its damage counted and mended. */
export interface ClosedWindow {
  readonly answers: readonly Answer[]
  readonly damage: readonly Damage[]
  readonly counts: ReturnType<typeof countVerdicts>
  readonly foreign: number
}

/** Ends a stretch: compares the tables, counts the damage, restores the rows, notes the figures. */
export async function closeWindow(
  story: Story,
  phase: number,
  name: string,
  { mayBeClosed = false }: { readonly mayBeClosed?: boolean } = {},
): Promise<ClosedWindow> {
  const { driver, tables, assertions } = story
  const answers = driver.collect()
  const open = await countOpenTransactions(tables)
  const damage = await findDamage(tables, driver.world)
  await restore(tables, driver.world, damage)
  const { counts, foreign } = noteWindow(story, {
    phase,
    name,
    answers,
    damagedRows: damage.length,
    mayBeClosed,
  })
  // Row for row: a leak explains what it damaged only where an answer admits so many rows.
  const unexplained = unexplainedDamage(damage, answers)
  assertions.expect(
    `every row is as it must be: ${name}`,
    unexplained.length === 0 && open === 0,
    [
      ...unexplained.slice(0, 5),
      ...(open === 0 ? [] : [`${open} transactions are left open`]),
    ].join('; '),
  )
  return { answers, damage, counts, foreign }
}

/**
 * Ends the stretch of a deployment. What it wrote is compared with the tables at the end of the next
 * one: nothing leaks that nobody reaches for.
 */
export function closeDeployment(story: Story, phase: number, name: string): void {
  const answers = story.driver.collect()
  noteWindow(story, { phase, name, answers, damagedRows: 0, mayBeClosed: false })
}

/** Asks for the verdict and shows what is not green. */
export async function showVerdict(story: Story, at: string): Promise<CheckAnswer> {
  await story.fleet.flush()
  story.page.command(['rollout', 'check'])
  const check = await checkRollout(story.operator)
  noteVerdict(story, at, check)
  return check
}

/** Takes the next stage, which must be let. */
export async function advance(story: Story, to: number, reason: string): Promise<void> {
  const { operator, page, assertions } = story
  const check = await showVerdict(story, `before stage ${to}`)
  assertions.expect(`stage ${to - 1} is left on a green verdict`, check.verdict === 'green')
  const argv = ['rollout', 'advance', '--actor', operatorName, '--reason', reason, '--wait', '5']
  page.command(argv)
  const { exitCode, said } = await operator.ask(argv)
  const stage = field(resultOf(said), 'stage')
  assertions.expect(
    `the rollout is in stage ${to}, and every instance has applied it`,
    exitCode === 0 && stage === to,
    exitCode === 0 ? '' : JSON.stringify(said).slice(0, 300),
  )
  // What follows is about the next stage: without it there is nothing to tell.
  if (stage !== to) throw new StoppedError(`the journey stops: stage ${to} was not reached`)
}

/** The story cannot go on; the assertions say why. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError'
}

/** Tries the next stage, which must be refused with the gates that hold it back. */
export async function advanceRefused(story: Story, at: string): Promise<CheckAnswer> {
  const { operator, page, assertions } = story
  const argv = ['rollout', 'advance', '--actor', operatorName, '--reason', 'can we go on?']
  await story.fleet.flush()
  page.command(argv)
  const { exitCode, said } = await operator.ask(argv)
  if (exitCode === 0) {
    assertions.expect('advance is refused', false)
    throw new StoppedError('the journey stops: a step was let that had to be refused')
  }
  const check = checkIn(resultOf(said))
  noteVerdict(story, at, check)
  assertions.expect(
    'advance is refused, and says which gates are missed',
    exitCode === 1 && check.gates.some(({ verdict }) => verdict !== 'green'),
    `exit code ${exitCode}`,
  )
  return check
}

/** Runs a command that must succeed, and gives back its result. */
export async function command(story: Story, argv: readonly string[]): Promise<unknown> {
  const { operator, page, assertions } = story
  page.command(argv)
  const { exitCode, said } = await operator.ask(argv)
  if (exitCode !== 0) {
    assertions.expect(`partywall ${argv[0]} ${argv[1] ?? ''} succeeds`, false, JSON.stringify(said))
  }
  return resultOf(said)
}

/** Flips something from outside under load, and asserts that every instance shows it in time. */
export async function flipAndAssert(
  story: Story,
  name: string,
  how: 'file' | 'command',
  flip: Flip,
): Promise<FlipTiming> {
  const timing = await story.flip(name, how, flip)
  story.assertions.expect(
    `${name}: every instance answers accordingly within ${story.options.flipWithinMs} ms`,
    timing.lastMs <= story.options.flipWithinMs,
    `${timing.lastMs.toFixed(0)} ms from ${how === 'file' ? 'renaming the file' : 'starting the command'} to the last instance`,
  )
  return timing
}

/** The leaks that release 2 left to a few old programs. */
export const legacyLeaks: readonly LeakKind[] = plantedLeaks
  .filter(({ severity }) => severity !== 'CRITICAL')
  .map(({ kind }) => kind)

/** The rare requests of those programs: one in every so many hours, or bursts. */
export function rareLegacyLeaks(every: number): (turn: number) => HourPlan['probes'] {
  const kinds = legacyLeaks
  return (turn) => {
    const kind = turn % every === 0 ? kinds[(turn / every) % kinds.length] : undefined
    return kind === undefined ? {} : { [kind]: 1 }
  }
}

/**
 * People come all at once: what so many hours bring is sent in the first of them. The hours between
 * pass as they do at night.
 */
export function inBursts(
  everyHours: number,
  plan: (burst: number) => HourPlan,
): (hour: number) => HourPlan {
  return (hour) => (hour % everyHours === 0 ? plan(hour / everyHours) : { correct: 0 })
}

/** Every kind so many times. */
export function everyKind(times: number): NonNullable<HourPlan['probes']> {
  const probes: Partial<Record<LeakKind, number>> = {}
  for (const { kind } of plantedLeaks) probes[kind] = times
  return probes
}

interface Noted {
  readonly phase: number
  readonly name: string
  readonly answers: readonly Answer[]
  readonly damagedRows: number
  readonly mayBeClosed: boolean
}

function noteWindow(
  { figures, page, assertions }: Story,
  { phase, name, answers, damagedRows, mayBeClosed }: Noted,
): Pick<ClosedWindow, 'counts' | 'foreign'> {
  const counts = countVerdicts(answers)
  const foreign = foreignRows(answers)
  figures.windows.push({
    phase,
    window: name,
    requests: answers.length,
    ...counts,
    foreignRows: foreign,
    damagedRows,
  })
  const { correct, leaked, blocked, disabled } = counts
  const leaks = `, ${leaked} leaked (${foreign} foreign rows, ${damagedRows} rows damaged and restored)`
  page.step(
    `${name}: ${answers.length} requests, ${correct} correct` +
      (leaked > 0 ? leaks : '') +
      (blocked > 0 ? `, ${blocked} blocked` : '') +
      (disabled > 0 ? `, ${disabled} answered 501` : ''),
  )
  // A correct request is never blocked, and never refused but by the kill switch.
  const isWrong = ({ leak, verdict }: Answer): boolean =>
    verdict === 'wrong' ||
    verdict === 'lost' ||
    (verdict === 'disabled' && !mayBeClosed) ||
    (verdict === 'blocked' && leak === undefined)
  const wrong = answers.find(isWrong)
  assertions.expect(
    `every answer is as it must be: ${name}`,
    wrong === undefined,
    wrong === undefined ? '' : `${wrong.kind}: ${wrong.difference ?? wrong.verdict}`,
  )
  return { counts, foreign }
}

function noteVerdict({ figures, page }: Story, at: string, check: CheckAnswer): void {
  figures.verdicts.push({ at, verdict: check.verdict })
  page.step(`verdict: ${check.verdict.toUpperCase()}`)
  for (const gate of check.gates) {
    if (gate.verdict === 'green') continue
    const value = gate.value === undefined ? 'nothing measured' : String(round(gate.value))
    page.step(
      `  ${gate.verdict.padEnd(12)} ${gate.title}: ${value} (${gate.threshold}), ` +
        `${gate.samples} samples${gate.note === undefined ? '' : `; ${gate.note}`}`,
    )
  }
}

function round(value: number): number {
  return Math.round(value * 100_000) / 100_000
}
