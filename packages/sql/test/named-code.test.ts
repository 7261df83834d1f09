import { afterAll, beforeAll, expect, it } from 'vitest'
import { namedCode } from './corpus/live/named-code.ts'
import { type LiveWorld, startLiveWorld } from './live-world.ts'

let world: LiveWorld
beforeAll(async () => {
  world = await startLiveWorld()
})
afterAll(async () => {
  await world.stop()
})

// That they are refused is said where the corpus is read: test/live-corpus.test.ts.
it.each(namedCode.map((each) => [each.why, each] as const))(
  'would run on the server what a name means: %s',
  async (_, { change, harmful, harmless = [] }) => {
    const damages = async (texts: readonly string[]): Promise<readonly string[]> => {
      const found: string[] = []
      for (const text of texts) {
        const changed = await world.damage(`${change}; ${text.replaceAll('$1', `'acme'`)}`)
        found.push(`${text}: ${changed}`)
      }
      return found
    }
    expect(await damages(harmful)).toEqual(harmful.map((text) => `${text}: public.takers`))
    expect(await damages(harmless)).toEqual(harmless.map((text) => `${text}: `))
  },
)

it('would read large objects on the server by a cast', async () => {
  const { client } = world
  await client.query('begin')
  await client.query(`create cast (oid as bytea) with function pg_catalog.lo_get(oid);
    select lo_from_bytea(4711, 'theirs')`)
  const { rows } = await client.query('select 4711::oid::bytea as read')
  await client.query('rollback')
  expect(String(rows[0]?.read)).toBe('theirs')
})
