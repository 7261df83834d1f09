import { hourMs, type VirtualClock } from '../clock.ts'
import type { Random } from '../data/random.ts'
import type { Driver } from '../driver/driver.ts'
import { type HourPlan, planHour } from '../driver/plan.ts'
import type { Fleet } from '../fleet/fleet.ts'

/** What passes through the service, hour by hour of the virtual clock. */
export interface Traffic {
  /** Sends the requests of so many hours; the clock moves when an hour's requests are answered. */
  hours(count: number, plan: PlanOf): Promise<void>
  /** Sends hour after hour for as long as something else takes: whatever happens, under load. */
  during<Result>(work: Promise<Result> | (() => Promise<Result>), plan: PlanOf): Promise<Result>
  /** Moves the clock to the end of the day on which a stage is over. */
  untilElapsed(sinceMs: number, spanMs: number, plan: PlanOf): Promise<void>
  /** How many hours were sent so far. */
  sentHours(): number
}

/** The plan of an hour, or a function of the hour's number within this stretch. */
export type PlanOf = HourPlan | ((hour: number) => HourPlan)

export interface TrafficOptions {
  readonly driver: Driver
  readonly fleet: Fleet
  readonly clock: VirtualClock
  readonly random: Random
  /** Called after each move of the clock. */
  readonly onHour: (now: number) => void
}

export function createTraffic({ driver, fleet, clock, random, onHour }: TrafficOptions): Traffic {
  let sent = 0
  const hour = async (plan: PlanOf, number: number): Promise<void> => {
    const wanted = typeof plan === 'function' ? plan(number) : plan
    await driver.run(planHour(random, driver.world.lanes.length, wanted))
    await fleet.setClock(clock.now() + hourMs)
    onHour(clock.now())
    sent += 1
  }
  const hours: Traffic['hours'] = async (count, plan) => {
    for (let number = 0; number < count; number += 1) await hour(plan, number)
  }
  return {
    hours,
    async during(work, plan) {
      let going = true
      const running = (typeof work === 'function' ? work() : work).finally(() => {
        going = false
      })
      // Its own failure is reported where `running` is awaited, below.
      running.catch(() => undefined)
      for (let number = 0; going; number += 1) await hour(plan, number)
      return running
    },
    async untilElapsed(sinceMs, spanMs, plan) {
      const left = Math.ceil((sinceMs + spanMs - clock.now()) / hourMs)
      await hours(Math.max(0, left), plan)
    },
    sentHours: () => sent,
  }
}
