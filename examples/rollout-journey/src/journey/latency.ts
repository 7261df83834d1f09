import { seededRandom } from '../data/random.ts'
import type { Answer } from '../driver/exchange.ts'
import { planHour } from '../driver/plan.ts'
import { createSender } from '../driver/sender.ts'
import { percentile } from '../driver/window.ts'
import type { LatencyFigures } from './figures.ts'
import type { Story } from './story.ts'

const requests = 220
const warmUp = 100
const lanesAtOnce = 4

/** What can be asked twice with the same answer. */
const reads = new Set<string>([
  'me',
  'sessions',
  'unused-codes',
  'person',
  'roles',
  'permissions',
  'alerts',
])

/**
 * The same requests to an instance without and one with the guard, in turn and with little else
 * going on: what a request takes, not how long it waits for others.
 */
export async function compareLatency({ driver, fleet, options }: Story): Promise<LatencyFigures> {
  const [without, within] = fleet.instances()
  if (without === undefined || within === undefined) throw new Error('two instances are needed')
  const senders = [without, within].map(({ port }) => createSender(port, fleet.runJob))
  const plan = planHour(seededRandom(options.seed + 3), lanesAtOnce, {
    correct: requests + warmUp,
  }).filter(({ kind }) => reads.has(kind))
  const times: [Answer[], Answer[]] = [[], []]
  await Promise.all(
    driver.world.lanes.slice(0, lanesAtOnce).map(async (lane, index) => {
      for (const [number, planned] of plan.entries()) {
        if (planned.lane !== index) continue
        for (const side of number % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
          const answer = await driver.ask(lane, planned, senders[side])
          if (number >= warmUp && answer.verdict === 'correct') times[side].push(answer)
        }
      }
    }),
  )
  await Promise.all(senders.map((sender) => sender.close()))
  const [withoutGuard, withGuard] = times.map((answers) => ({
    p50: percentile(answers, 0.5),
    p95: percentile(answers, 0.95),
  })) as [LatencyFigures['withGuard'], LatencyFigures['withGuard']]
  return {
    requests: times[0].length + times[1].length,
    withoutGuard,
    withGuard,
    ratio: withGuard.p50 / withoutGuard.p50,
  }
}
