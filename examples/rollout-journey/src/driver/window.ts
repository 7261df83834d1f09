import type { LeakKind } from '../leaks/leak.ts'
import { type Answer, type AnswerVerdict, verdicts } from './exchange.ts'

/** How many answers of each verdict. */
export function countVerdicts(answers: readonly Answer[]): Record<AnswerVerdict, number> {
  const counts = Object.fromEntries(verdicts.map((verdict) => [verdict, 0])) as Record<
    AnswerVerdict,
    number
  >
  for (const { verdict } of answers) counts[verdict] += 1
  return counts
}

/** Rows of other tenants that were served or touched. */
export function foreignRows(answers: readonly Answer[]): number {
  return answers.reduce((sum, { foreign }) => sum + foreign, 0)
}

/** The answers to requests that aimed at a leak, by leak. */
export function byLeak(answers: readonly Answer[]): ReadonlyMap<LeakKind, readonly Answer[]> {
  const groups = new Map<LeakKind, Answer[]>()
  for (const answer of answers) {
    if (answer.leak === undefined) continue
    const group = groups.get(answer.leak)
    if (group === undefined) groups.set(answer.leak, [answer])
    else group.push(answer)
  }
  return groups
}

/** The duration that `share` of the answers did not exceed, in milliseconds. */
export function percentile(answers: readonly Answer[], share: number): number {
  const durations = answers
    .map(({ sentAt, answeredAt }) => answeredAt - sentAt)
    .sort((a, b) => a - b)
  return durations[Math.min(durations.length - 1, Math.floor(durations.length * share))] ?? 0
}
