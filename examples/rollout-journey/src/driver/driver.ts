import { seededRandom } from '../data/random.ts'
import { correctRequests } from './correct-requests.ts'
import type { Answer, Exchange } from './exchange.ts'
import { judge } from './judge.ts'
import type { Lane } from './lane.ts'
import { probe } from './leak-probes.ts'
import { isLeakKind, type PlannedRequest } from './plan.ts'
import type { Sender } from './sender.ts'
import type { World } from './world.ts'

/** Sends what the plan says and judges what comes back. Imports no wall and never asks one. */
export interface Driver {
  readonly world: World
  /** Every lane gets its token. */
  logIn(): Promise<void>
  /** Sends the requests of one hour, each lane one after the other, and waits for all answers. */
  run(plan: readonly PlannedRequest[]): Promise<void>
  /** One request outside of the plan. */
  ask(lane: Lane, planned: PlannedRequest, sender?: Sender): Promise<Answer>
  /** What was answered since the last call. */
  collect(): Answer[]
  totals(): { readonly sent: number; readonly answered: number; readonly repeated: number }
}

export function createDriver(world: World, sender: Sender): Driver {
  let answers: Answer[] = []
  let sent = 0
  let answered = 0
  let repeated = 0
  const open = new Set<string>()

  const exchangeFor = (planned: PlannedRequest, lane: Lane): Exchange => {
    const random = seededRandom(planned.salt)
    return isLeakKind(planned.kind)
      ? probe(planned.kind, world, lane, random)
      : correctRequests[planned.kind](world, lane, random)
  }
  const ask: Driver['ask'] = async (lane, planned, by = sender) => {
    const exchange = exchangeFor(planned, lane)
    const requestId = `journey-${sent}`
    sent += 1
    open.add(requestId)
    const sentAt = performance.now()
    const about = {
      kind: planned.kind,
      leak: exchange.leak?.kind,
      tenantId: lane.user.tenantId,
      sentAt,
      storyTime: world.clock.now(),
    }
    let answer: Answer
    try {
      const received =
        'job' in exchange.send
          ? { ...(await by.order(lane, exchange.send)), echoed: requestId }
          : await by.send(lane, exchange.send, { requestId, legacy: planned.legacy })
      const answeredAt = performance.now()
      if (open.delete(received.echoed)) answered += 1
      else repeated += 1
      answer = {
        ...about,
        instance: received.instance,
        answeredAt,
        ...judge(exchange, received),
      }
    } catch (error) {
      answer = {
        ...about,
        instance: '',
        answeredAt: performance.now(),
        verdict: 'lost',
        foreign: 0,
        difference: error instanceof Error ? error.message : 'no answer',
      }
    }
    answers.push(answer)
    return answer
  }
  return {
    world,
    async logIn() {
      await Promise.all(
        world.lanes.map(async (lane) => {
          const { email, password } = lane.user
          const reply = await sender.send(
            lane,
            { method: 'POST', path: '/api/auth/login', body: { email, password } },
            { requestId: `login-${lane.user.lane}` },
          )
          lane.token = tokenIn(reply.text)
        }),
      )
    },
    async run(plan) {
      await Promise.all(
        world.lanes.map(async (lane, index) => {
          for (const planned of plan) {
            if (planned.lane === index) await ask(lane, planned)
          }
        }),
      )
    },
    ask,
    collect() {
      const collected = answers
      answers = []
      return collected
    },
    totals: () => ({ sent, answered, repeated }),
  }
}

function tokenIn(text: string): string {
  const token = /"token":"([^"]+)"/.exec(text)?.[1]
  if (token === undefined) throw new Error(`a lane could not log in: ${text}`)
  return token
}
