import { isPartywallError, runWithTenant } from '@partywall/context'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type RandomCall, randomCall, seeded } from './random-calls.ts'
import { acme, type ShopClient } from './shop.ts'
import type { Tally } from './tally.ts'
import { type PrismaWorld, type PrismaWorlds, startPrismaWorlds } from './worlds.ts'

const seed = Number(process.env['PARTYWALL_PRISMA_SEED'] ?? 1)
const wanted = Number(process.env['PARTYWALL_PRISMA_ACCEPTED'] ?? 60)

let all: PrismaWorlds
beforeAll(async () => {
  all = await startPrismaWorlds(['none', 'all'])
})
afterAll(async () => {
  await all.stop()
})

it.for<[string, { readonly confine: string; readonly named: number }]>([
  ['that name their tenant, with nothing written into them', { confine: 'none', named: 0.97 }],
  ['that do not, with the tenant written into them', { confine: 'all', named: 0.1 }],
])(
  `gives the same replies in every world, for ${wanted} accepted random calls of Prisma of seed ${seed} %s`,
  { timeout: 600_000 },
  async ([, { confine, named }], { task }) => {
    const random = seeded(seed)
    const tally = { accepted: 0, refused: 0, failed: 0 }
    const leaks: string[] = []
    while (tally.accepted < wanted) {
      // Some forget it more often than others.
      const call = randomCall(random, random.chance(0.3) ? named / 2 : named)
      const outcomes = await Promise.all(all.worlds.map((world) => outcomeOf(call, confine, world)))
      leaks.push(...leaksIn(call, outcomes))
      const [none] = outcomes
      if (none !== undefined) tally[none.kind] += 1
    }
    task.meta.tally = { ...tally, leaks } satisfies Tally
    expect(leaks).toEqual([])
    // A generator whose calls are all refused, or all fail, would show nothing.
    expect(tally.refused).toBeLessThan(wanted * 6)
    expect(tally.failed).toBeLessThan(wanted * 4)
  },
)

interface Outcome {
  readonly world: string
  readonly kind: 'accepted' | 'refused' | 'failed'
  readonly reply: string
  readonly isDamaged: boolean
  readonly own: string
}

async function outcomeOf(
  call: RandomCall,
  confine: string,
  { name, clients, taken }: PrismaWorld,
): Promise<Outcome> {
  const client = clients.get(confine)
  if (client === undefined) throw new Error('no client')
  const { result, ...state } = await taken(() => replyTo(call, client))
  return { world: name, ...result, ...state }
}

async function replyTo(
  { model, action, args }: RandomCall,
  client: ShopClient,
): Promise<Pick<Outcome, 'kind' | 'reply'>> {
  try {
    const reply = await runWithTenant(acme, async () => client[model][action](args))
    return { kind: 'accepted', reply: textOf(action, reply) }
  } catch (error) {
    return { kind: isPartywallError(error) ? 'refused' : 'failed', reply: '' }
  }
}

/** Rows that are changed come back in no order. */
function textOf(action: string, reply: unknown): string {
  const write = (value: unknown): string =>
    JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? `${each}n` : each)) ?? ''
  if (action !== 'updateManyAndReturn' || !Array.isArray(reply)) return write(reply)
  return reply.map(write).sort().join()
}

/** Where other tenants' rows made a difference; whether a call fails is not compared. */
function leaksIn(call: RandomCall, outcomes: readonly Outcome[]): readonly string[] {
  const base = outcomes.find(({ kind }) => kind === 'accepted')
  const found = outcomes.flatMap(({ world, kind, reply, isDamaged, own }) => {
    if (isDamaged) return [`${world}: foreign rows changed (${kind})`]
    if (kind !== 'accepted' || base === undefined) return []
    if (reply !== base.reply) return [`${world}: ${reply}\n  ${base.world}: ${base.reply}`]
    return own === base.own ? [] : [`${world}: own rows become others`]
  })
  return found.slice(0, 1).map((each) => `${JSON.stringify(call)}\n  ${each}`)
}
