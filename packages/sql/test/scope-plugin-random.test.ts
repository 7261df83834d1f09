import { createTenantContext, runWithTenant } from '@partywall/context'
import { SqlGuardError } from '@partywall/sql'
import { scopePlugin } from '@partywall/sql/kysely-scope'
import fc from 'fast-check'
import { type CompiledQuery, type Kysely, type SelectQueryBuilder, sql } from 'kysely'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { violationsIn } from './judge.ts'
import { seeded } from './random.ts'
import { compiler, randomCall } from './random-kysely.ts'
import { type ScopedWorld, startScopedWorld } from './scoped-world.ts'
import { startWorlds, type Worlds } from './world.ts'

type Joining = SelectQueryBuilder<Record<string, Record<string, number>>, string, object>
const kinds = ['innerJoin', 'leftJoin', 'rightJoin', 'fullJoin', 'crossJoin'] as const
type Kind = (typeof kinds)[number]

describe('a tree of joins', () => {
  let world: ScopedWorld
  beforeAll(async () => {
    world = await startScopedWorld()
  })
  afterAll(async () => {
    await world.stop()
  })

  // A table and a text in it. Roles have no key.
  const tables = [
    ['authors', 'name'],
    ['books', 'title'],
    ['pages', 'body'],
    ['countries', 'name'],
    ['roles', 'name'],
  ] as const
  const table = fc.constantFrom(...tables)
  const tree = fc.record({
    first: fc.array(table, { minLength: 1, maxLength: 2 }),
    joins: fc.array(fc.record({ kind: fc.constantFrom<Kind>(...kinds), table, by: fc.nat(3) }), {
      maxLength: 3,
    }),
    missing: fc.option(fc.nat(4), { nil: undefined }),
    isGrouped: fc.boolean(),
  })

  // mutation src/scope/confine-from.ts: if (reachesFullJoin(joinsAfter)) return rows.subselect() => if (reachesFullJoin([])) return rows.subselect()
  it('means the tenant alone, whatever is joined to what', async () => {
    await fc.assert(
      fc.asyncProperty(tree, async ({ first, joins, missing, isGrouped }) => {
        const all = [...first, ...joins.map((join) => join.table)]
        const ids = all.map((_, i) => `t${i}.id`)
        const texts = all.map(([, text], i) => `t${i}.${text}`)
        // A key tells the other columns where no FULL JOIN asks for a subselect.
        const hasKeys = all.every(([name]) => name !== 'roles')
        const isByKeys = hasKeys && joins.every(({ kind }) => kind !== 'fullJoin')
        await world.expectSame((db) => {
          const loose = db as unknown as Kysely<Record<string, Record<string, number>>>
          let query = loose.selectFrom(first.map(([name], i) => `${name} as t${i}`)) as Joining
          for (const [i, { kind, table: joined, by }] of joins.entries()) {
            const joining = query as unknown as Record<Kind, (...args: string[]) => Joining>
            const as = `t${first.length + i}`
            // ON sees what it joins, and not what stands before the comma.
            const partner = `t${first.length - 1 + (by % (i + 1))}`
            const on = kind === 'crossJoin' ? [] : [`${as}.id`, `${partner}.id`]
            query = joining[kind](`${joined[0]} as ${as}`, ...on)
          }
          if (missing !== undefined) query = query.where(`t${missing % all.length}.id`, 'is', null)
          if (isGrouped) query = query.groupBy(isByKeys ? ids : [...ids, ...texts])
          return query.select([...ids, ...texts].map((column, i) => sql.ref(column).as(`c${i}`)))
        })
      }),
      { numRuns: 300, seed: 1 },
    )
  })
})

describe('a random call of Kysely', () => {
  const acme = createTenantContext({ tenantId: 'acme', env: 'prod' })
  let worlds: Worlds
  let alone: pg.Client
  beforeAll(async () => {
    worlds = await startWorlds()
    const none = worlds.clients.get('none')
    if (none === undefined) throw new Error('no world of the tenant alone')
    alone = none
    for (const table of ['users', 'posts', 'tags']) {
      await alone.query(`alter table ${table} alter tenant_id set default 2`)
    }
  })
  afterAll(async () => {
    await worlds.stop()
  })

  it('means the tenant alone, or is refused', { timeout: 120_000 }, async () => {
    const [scoped, plain] = [compiler([scopePlugin(worlds.live)]), compiler([])]
    const tally = { same: 0, refused: 0, failed: 0 }
    const differences: string[] = []
    for (let seed = 1; tally.same < 300; seed += 1) {
      const call = (db: typeof scoped) => randomCall({ db, named: 0 }, seeded(seed))
      const mine = runWithTenant(acme, () => compiled(() => call(scoped)))
      if (mine === undefined) continue
      if (violationsIn(worlds.live, mine.sql, mine.parameters).length > 0) tally.refused += 1
      else {
        const expected = await reply(alone, 'none', call(plain))
        await Promise.all(
          [...worlds.clients].map(async ([world, client]) => {
            const got = await reply(client, world, mine)
            if (got !== expected) differences.push(`${world}: ${mine.sql}\n${got}\n${expected}`)
          }),
        )
        if (expected.startsWith('failed')) tally.failed += 1
        else tally.same += 1
      }
    }
    expect(differences).toEqual([])
    // A plugin whose queries the guard refuses, or the server, would show nothing.
    expect(tally.refused + tally.failed).toBeLessThan(30)
  })
})

async function reply(client: pg.Client, world: string, call: CompiledQuery): Promise<string> {
  await client.query('begin')
  try {
    const text = call.sql.replaceAll('"public".', `"${world}".`)
    const { rows, rowCount } = await client.query({
      text,
      values: [...call.parameters],
      rowMode: 'array',
    })
    return `${rowCount} ${rows
      .map((row) => JSON.stringify(row))
      .sort()
      .join('\n')}`
  } catch (error) {
    return `failed: ${error instanceof Error && 'code' in error ? String(error.code) : 'otherwise'}`
  } finally {
    await client.query('rollback')
  }
}

/** `undefined` for MERGE, which the plugin refuses. */
function compiled(work: () => CompiledQuery): CompiledQuery | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof SqlGuardError && error.code === 'sql.unscoped') return undefined
    throw error
  }
}
