import { afterAll, beforeAll, expect, it } from 'vitest'
import { compare } from './interference.ts'
import { violationsIn } from './judge.ts'
import { type Construct, constructs } from './random/constructs.ts'
import { seeded } from './random.ts'
import { randomStatement } from './random-sql.ts'
import type { Share, Tally } from './tally.ts'
import { schema, startWorlds, type Worlds } from './world.ts'

const seed = Number(process.env['PARTYWALL_SQL_SEED'] ?? 1)
const wanted = Number(process.env['PARTYWALL_SQL_ACCEPTED'] ?? 1000)

let worlds: Worlds
beforeAll(async () => {
  worlds = await startWorlds(seed)
})
afterAll(async () => {
  await worlds.stop()
})

const seen = new Set<Construct>()

it.for(['as it is declared', 'as it stands on the server'])(
  `gives the same replies in every world, for ${wanted} accepted random statements of seed ${seed}, with the schema %s`,
  { timeout: 600_000 },
  async (kind, { task }) => {
    const isLive = kind === 'as it stands on the server'
    const tables = isLive ? worlds.live : schema
    const random = seeded(seed * 2 + Number(isLive))
    const tally = { accepted: 0, refused: 0, failed: 0 }
    const leaks: string[] = []
    const shares = new Map<Construct, Share>()
    const count = (uses: ReadonlySet<Construct>, accepted: 0 | 1): void => {
      for (const each of uses) {
        const before = shares.get(each) ?? { met: 0, accepted: 0 }
        shares.set(each, { met: before.met + 1, accepted: before.accepted + accepted })
      }
    }
    while (tally.accepted < wanted) {
      const { text, values, uses } = randomStatement(random, isLive)
      if (violationsIn(tables, text, values).length > 0) {
        tally.refused += 1
        count(uses, 0)
        continue
      }
      const { leak, error } = await compare(worlds, text, values)
      if (leak !== undefined) leaks.push(`${text}\n  ${JSON.stringify(values)}\n  ${leak}`)
      if (error === undefined) {
        tally.accepted += 1
        count(uses, 1)
        for (const each of uses) seen.add(each)
      } else {
        tally.failed += 1
        count(uses, 0)
      }
    }
    task.meta.tally = { ...tally, leaks } satisfies Tally
    task.meta.constructs = Object.fromEntries(shares)
    expect(leaks).toEqual([])
    // A generator whose statements are all refused, or all fail, would show nothing.
    expect(tally.refused).toBeLessThan(wanted * 3)
    expect(tally.failed).toBeLessThan(wanted / 5)
  },
)

// Fewer statements may miss one by chance.
it.runIf(wanted >= 1000)('has seen every construct accepted and executed', () => {
  expect(constructs.filter((each) => !seen.has(each))).toEqual([])
})
