import type { Random } from '../data/random.ts'
import { type LeakKind, leakKinds } from '../leaks/leak.ts'
import { type CorrectKind, correctKinds, correctMix } from './correct-requests.ts'

/** One request to be sent: who, what, and the number that everything random in it comes from. */
export interface PlannedRequest {
  readonly lane: number
  readonly kind: CorrectKind | LeakKind
  readonly salt: number
  /** Sent as an old program that still takes old code paths. */
  readonly legacy: boolean
}

export interface HourPlan {
  readonly correct: number
  /** How often each leak is reached in this hour. */
  readonly probes?: Partial<Readonly<Record<LeakKind, number>>> | undefined
  /** Whether those who reach leaks are old programs. */
  readonly legacy?: boolean | undefined
}

/** Each kind as often as the mix says. */
const hundred: readonly CorrectKind[] = correctKinds.flatMap((kind) =>
  Array.from({ length: correctMix[kind] }, () => kind),
)

/** The requests of one hour, the same for the same random numbers. */
export function planHour(random: Random, laneCount: number, plan: HourPlan): PlannedRequest[] {
  const requests: PlannedRequest[] = []
  // Each lane sends one after the other: with as many for each, none is waited for alone.
  const lanes = random.shuffle(Array.from({ length: laneCount }, (_, lane) => lane))
  const add = (kind: PlannedRequest['kind'], legacy: boolean): void => {
    const lane = lanes[requests.length % laneCount] ?? 0
    requests.push({ lane, kind, salt: random.below(2 ** 31), legacy })
  }
  for (let n = 0; n < plan.correct; n += 1) add(random.pick(hundred), false)
  for (const kind of leakKinds) {
    for (let n = 0; n < (plan.probes?.[kind] ?? 0); n += 1) add(kind, plan.legacy ?? false)
  }
  return random.shuffle(requests)
}

export function isLeakKind(kind: PlannedRequest['kind']): kind is LeakKind {
  return leakKinds.some((candidate) => candidate === kind)
}
