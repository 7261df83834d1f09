import { createTenantContext, runWithTenant } from '@partywall/context'
import { SqlGuardError } from '@partywall/sql'
import { scopePlugin } from '@partywall/sql/kysely-scope'
import type { CompiledQuery } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { compare } from './interference.ts'
import { violationsIn } from './judge.ts'
import { seeded } from './random.ts'
import { compiler, randomCall } from './random-kysely.ts'
import type { Tally } from './tally.ts'
import { startWorlds, type Worlds } from './world.ts'

const seed = Number(process.env['PARTYWALL_SQL_SEED'] ?? 1)
const wanted = Number(process.env['PARTYWALL_SQL_ACCEPTED'] ?? 300)
const acme = createTenantContext({ tenantId: 'acme', env: 'prod' })

let worlds: Worlds
beforeAll(async () => {
  worlds = await startWorlds()
})
afterAll(async () => {
  await worlds.stop()
})

it.for<[string, { readonly named: number; readonly isScoped: boolean }]>([
  // Most say whose rows they mean.
  ['that name their tenant', { named: 0.92, isScoped: false }],
  // Most leave it to the plugin.
  ['into which the plugin writes the tenant', { named: 0.2, isScoped: true }],
])(
  `gives the same replies in every world, for ${wanted} accepted random calls of Kysely of seed ${seed} %s`,
  { timeout: 600_000 },
  async ([, { named, isScoped }], { task }) => {
    const random = seeded(seed)
    const db = compiler(isScoped ? [scopePlugin(worlds.live)] : [])
    const tally = { accepted: 0, refused: 0, failed: 0, unscoped: 0 }
    const leaks: string[] = []
    while (tally.accepted < wanted) {
      const call = runWithTenant(acme, () => compiled(() => randomCall({ db, named }, random)))
      if (call === undefined) {
        tally.unscoped += 1
        continue
      }
      const values = call.parameters
      if (violationsIn(worlds.live, call.sql, values).length > 0) {
        tally.refused += 1
        continue
      }
      const { leak, error } = await compare(worlds, call.sql, values)
      if (leak !== undefined) leaks.push(`${call.sql}\n  ${JSON.stringify(values)}\n  ${leak}`)
      if (error === undefined) tally.accepted += 1
      else tally.failed += 1
    }
    task.meta.tally = { ...tally, leaks } satisfies Tally
    expect(leaks).toEqual([])
    // A generator whose calls are all refused, or all fail, would show nothing.
    expect(tally.refused).toBeLessThan(wanted * 10)
    expect(tally.failed).toBeLessThan(wanted / 2)
  },
)

/** `undefined` for MERGE, which the plugin refuses. */
function compiled(work: () => CompiledQuery): CompiledQuery | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof SqlGuardError && error.code === 'sql.unscoped') return undefined
    throw error
  }
}
