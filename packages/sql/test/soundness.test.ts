import { afterAll, beforeAll, expect, it } from 'vitest'
import { compare } from './interference.ts'
import { violationsIn } from './judge.ts'
import { seeded } from './random.ts'
import { randomStatement } from './random-sql.ts'
import type { Tally } from './tally.ts'
import { schema, startWorlds, type Worlds } from './world.ts'

const seed = Number(process.env['PARTYWALL_SQL_SEED'] ?? 1)
const wanted = Number(process.env['PARTYWALL_SQL_ACCEPTED'] ?? 1000)

let worlds: Worlds
beforeAll(async () => {
  worlds = await startWorlds()
})
afterAll(async () => {
  await worlds.stop()
})

it.for(['as it is declared', 'as it stands on the server'])(
  `gives the same replies in every world, for ${wanted} accepted random statements of seed ${seed}, with the schema %s`,
  { timeout: 600_000 },
  async (kind, { task }) => {
    const tables = kind === 'as it is declared' ? schema : worlds.live
    const random = seeded(seed)
    const tally = { accepted: 0, refused: 0, failed: 0 }
    const leaks: string[] = []
    while (tally.accepted < wanted) {
      const text = randomStatement(random)
      if (violationsIn(tables, text, []).length > 0) {
        tally.refused += 1
        continue
      }
      const { leak, error } = await compare(worlds, text, [])
      if (leak !== undefined) leaks.push(`${text}\n  ${leak}`)
      if (error === undefined) tally.accepted += 1
      else tally.failed += 1
    }
    task.meta.tally = { ...tally, leaks } satisfies Tally
    expect(leaks).toEqual([])
    // A generator whose statements are all refused, or all fail, would show nothing.
    expect(tally.refused).toBeLessThan(wanted * 10)
    expect(tally.failed).toBeLessThan(wanted / 2)
  },
)
