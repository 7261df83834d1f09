import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { hourMs, type VirtualClock } from '../clock.ts'
import type { Random } from '../data/random.ts'
import { type HourPlan, type PlannedRequest, planHour } from '../driver/plan.ts'

/** What passes through the service, hour by hour of the virtual clock. */
export interface Traffic {
  /** Sends the requests of so many hours; the clock moves when an hour's requests are answered. */
  hours(count: number, plan: PlanOf): Promise<void>
  /**
   * The same for hours of which nobody knows how many it takes: sends `plan` until `done`, and
   * `rest` for what is then left of `count` hours. They are no part of the seeded plan, and the
   * plan goes on at the same hour however many it took.
   */
  hoursUntil(done: () => boolean, count: number, plans: PlansUntil): Promise<void>
  /**
   * Sends requests for as long as something else takes: whatever happens, happens under load. The
   * clock stands still meanwhile, so that a run does not depend on how fast the machine is.
   */
  during<Result>(work: () => Promise<Result>, plan: HourPlan): Promise<Result>
  /** Moves the clock to the end of the day on which a stage is over. */
  untilElapsed(sinceMs: number, spanMs: number, plan: PlanOf): Promise<void>
  /** The seeded plan so far, as one fingerprint: which requests, by whom, in which hour. */
  fingerprint(): string
}

/** The plan of an hour, or a function of the hour's number within this stretch. */
export type PlanOf = HourPlan | ((hour: number) => HourPlan)

export interface PlansUntil {
  readonly plan: HourPlan
  readonly rest: HourPlan
}

const pauseMs = 40

export interface TrafficOptions {
  /** Sends the requests of an hour; resolves when all are answered. */
  readonly send: (plan: readonly PlannedRequest[]) => Promise<void>
  /** How many senders there are. */
  readonly lanes: number
  readonly clock: Pick<VirtualClock, 'now'>
  /** Moves the clock, and everybody's who goes by it. */
  readonly setClock: (now: number) => Promise<void>
  /** Where the plan comes from. */
  readonly random: Random
  /** Where the requests come from of which nobody knows how many there will be. */
  readonly loose: Random
}

export function createTraffic(options: TrafficOptions): Traffic {
  const { send, lanes, clock, setClock, random, loose } = options
  const planned = createHash('sha256')
  const pass = async (requests: readonly PlannedRequest[]): Promise<void> => {
    await send(requests)
    await setClock(clock.now() + hourMs)
  }
  const hours: Traffic['hours'] = async (count, plan) => {
    for (let number = 0; number < count; number += 1) {
      const wanted = typeof plan === 'function' ? plan(number) : plan
      const requests = planHour(random, lanes, wanted)
      planned.update(`${clock.now()} ${JSON.stringify(requests)}\n`)
      await pass(requests)
    }
  }
  return {
    hours,
    async hoursUntil(done, count, { plan, rest }) {
      for (let number = 0; number < count; number += 1) {
        await pass(planHour(loose, lanes, done() ? rest : plan))
      }
    },
    async during(work, plan) {
      let going = true
      const running = work().finally(() => {
        going = false
      })
      // Its own failure is reported where `running` is awaited, below.
      running.catch(() => undefined)
      while (going) {
        // A pace that leaves the machine something to start processes with.
        const pause = wait(pauseMs)
        await send(planHour(loose, lanes, plan))
        await pause
      }
      return running
    },
    async untilElapsed(sinceMs, spanMs, plan) {
      const left = Math.ceil((sinceMs + spanMs - clock.now()) / hourMs)
      await hours(Math.max(0, left), plan)
    },
    fingerprint: () => planned.copy().digest('hex'),
  }
}
