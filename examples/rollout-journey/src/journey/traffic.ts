import { setTimeout as wait } from 'node:timers/promises'
import { hourMs, type VirtualClock } from '../clock.ts'
import type { Random } from '../data/random.ts'
import type { Driver } from '../driver/driver.ts'
import { type HourPlan, planHour } from '../driver/plan.ts'
import type { Fleet } from '../fleet/fleet.ts'

/** What passes through the service, hour by hour of the virtual clock. */
export interface Traffic {
  /** Sends the requests of so many hours; the clock moves when an hour's requests are answered. */
  hours(count: number, plan: PlanOf): Promise<void>
  /**
   * Sends requests for as long as something else takes: whatever happens, happens under load. The
   * clock stands still meanwhile, so that a run does not depend on how fast the machine is.
   */
  during<Result>(work: () => Promise<Result>, plan: HourPlan): Promise<Result>
  /** Moves the clock to the end of the day on which a stage is over. */
  untilElapsed(sinceMs: number, spanMs: number, plan: PlanOf): Promise<void>
  /** How many hours were sent so far. */
  sentHours(): number
}

/** The plan of an hour, or a function of the hour's number within this stretch. */
export type PlanOf = HourPlan | ((hour: number) => HourPlan)

const pauseMs = 25

export interface TrafficOptions {
  readonly driver: Driver
  readonly fleet: Fleet
  readonly clock: VirtualClock
  /** Where the plan comes from. */
  readonly random: Random
  /** Where the requests come from of which nobody knows how many there will be. */
  readonly loose: Random
}

export function createTraffic({ driver, fleet, clock, random, loose }: TrafficOptions): Traffic {
  let sent = 0
  const hour = async (plan: PlanOf, number: number): Promise<void> => {
    const wanted = typeof plan === 'function' ? plan(number) : plan
    await driver.run(planHour(random, driver.world.lanes.length, wanted))
    await fleet.setClock(clock.now() + hourMs)
    sent += 1
  }
  const hours: Traffic['hours'] = async (count, plan) => {
    for (let number = 0; number < count; number += 1) await hour(plan, number)
  }
  return {
    hours,
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
        await driver.run(planHour(loose, driver.world.lanes.length, plan))
        await pause
      }
      return running
    },
    async untilElapsed(sinceMs, spanMs, plan) {
      const left = Math.ceil((sinceMs + spanMs - clock.now()) / hourMs)
      await hours(Math.max(0, left), plan)
    },
    sentHours: () => sent,
  }
}
