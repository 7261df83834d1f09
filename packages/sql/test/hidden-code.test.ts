import { defineTenantSchema, explainProof, liveSchema, loadCatalogue, owner } from '@partywall/sql'
import { type PostgresServer, startPostgres } from '@partywall/testing'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { hiddenCode } from './corpus/live/hidden-code.ts'

let server: PostgresServer
let client: pg.Client
beforeAll(async () => {
  server = await startPostgres()
  client = new pg.Client({ connectionString: server.url })
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await server.stop()
})

/** Policies do not hold for whoever made the tables. */
const asAsker = `create role asker; grant usage on schema public, app to asker;
  grant all on all tables in schema public to asker; set local role asker`

async function othersHave(): Promise<string> {
  const { rows } = await client.query(`select * from public.jots where tenant_id <> 'acme'`)
  return `${rows.length} of others`
}

/** The reply, and what others have afterwards, of this database or of one without others' rows. */
async function outcome(text: string, isWhole: boolean): Promise<readonly [string, string]> {
  await client.query('savepoint before')
  await client.query(
    `delete from public.jots where tenant_id <> 'acme' and ${!isWhole}; ${asAsker}`,
  )
  const { rows } = await client.query(text, ['acme'])
  const others = await othersHave()
  await client.query('rollback to before')
  return [JSON.stringify(rows), others]
}

// mutation src/translate/from-clause.ts: refuseStrangers(`the view ${view.key}`, view.uses, translation) => refuseStrangers(`the view ${view.key}`, [], translation)
// mutation src/schema/used-routines.ts: (visible && declared.declaresFunction(name)) => declared.declaresFunction(name)
// mutation src/schema/stored-code.ts: ...checks, ...plannedCode(table)] => ...checks]
// mutation src/schema/stored-code.ts: found.push(...graph.family(child).flatMap(plannedCode)) => void child
// mutation src/schema/stored-code.ts: graph.family(references).flatMap(plannedCode) => []
it.each(hiddenCode.map((each) => [each.why, each] as const))(
  'reads what a text does not show: %s',
  async (_, { change, options, text, obstacle }) => {
    await client.query('begin')
    try {
      await client.query(change)
      expect(await othersHave()).toBe('2 of others')
      const declared = defineTenantSchema(
        { jots: owner('tenant_id'), goods: owner('tenant_id') },
        options,
      )
      const schema = liveSchema(declared, await loadCatalogue(client))
      const [whole, none] = [await outcome(text, true), await outcome(text, false)]
      const lines = await explainProof(text, schema)
      const found = lines.flatMap((line) => (line.open ? [line.obstacle ?? line.model] : [])).join()
      expect(found).toBe(obstacle)
      // What is refused tells of others on the server, or changes what they have.
      const isHarmless = whole[0] === none[0] && whole[1] === '2 of others'
      expect(isHarmless).toBe(obstacle === '')
    } finally {
      await client.query('rollback')
    }
  },
)
