import { expect, it } from 'vitest'
import { virtualClock } from '../src/clock.ts'
import { seededRandom } from '../src/data/random.ts'
import { legacyLeaks, rareLegacyLeaks } from '../src/journey/steps.ts'
import { createTraffic, type Traffic } from '../src/journey/traffic.ts'

interface Sent {
  readonly traffic: Traffic
  /** How many requests were sent in each hour. */
  readonly perHour: readonly number[]
}

/** A stretch as the journey has it; how long the loose parts take is nobody's choice. */
async function tell(
  seed: number,
  { busyHours, turns }: { busyHours: number; turns: number },
): Promise<Sent> {
  const clock = virtualClock(0)
  const perHour: number[] = []
  const traffic = createTraffic({
    send: async (plan) => {
      perHour.push(plan.length)
    },
    lanes: 20,
    clock,
    setClock: async (now) => clock.set(now),
    random: seededRandom(seed + 1),
    loose: seededRandom(seed + 2),
  })
  await traffic.hours(6, (hour) => ({ correct: 5, probes: rareLegacyLeaks(2)(hour) }))
  let left = turns
  await traffic.during(
    async () => {
      while (left > 0) {
        left -= 1
        await new Promise(setImmediate)
      }
    },
    { correct: 3 },
  )
  let seen = 0
  const done = (): boolean => {
    seen += 1
    return seen > busyHours
  }
  await traffic.hoursUntil(done, 12, { plan: { correct: 40 }, rest: { correct: 1 } })
  await traffic.untilElapsed(0, 30 * 3_600_000, {
    correct: 4,
    probes: { [legacyLeaks[0] ?? 'in-list']: 1 },
  })
  return { traffic, perHour }
}

it('plans the same story for the same seed, however long its loose parts take', async () => {
  const one = await tell(7, { busyHours: 3, turns: 1 })
  const other = await tell(7, { busyHours: 9, turns: 50 })
  expect(one.perHour.filter((count) => count === 40)).toHaveLength(3)
  expect(other.perHour.filter((count) => count === 40)).toHaveLength(9)
  expect(other.traffic.fingerprint()).toBe(one.traffic.fingerprint())
})

it('plans another story for another seed', async () => {
  const parts = { busyHours: 3, turns: 1 }
  const [seven, eight] = [await tell(7, parts), await tell(8, parts)]
  expect(eight.traffic.fingerprint()).not.toBe(seven.traffic.fingerprint())
})
