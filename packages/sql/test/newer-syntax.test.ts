import {
  createGuard,
  defineTenantSchema,
  explainProof,
  liveSchema,
  loadCatalogue,
  owner,
} from '@partywall/sql'
import { type PostgresServer, startPostgres } from '@partywall/testing'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'

const declared = defineTenantSchema({ notes: owner('tenant_id') })

let server: PostgresServer
let client: pg.Client
beforeAll(async () => {
  server = await startPostgres()
  client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query('create table notes (id int, tenant_id text, body jsonb)')
  await createGuard(declared)
})
afterAll(async () => {
  await client.end()
  await server.stop()
})

const own = `from notes where tenant_id = 'acme'`

/** Texts, and the oldest version that reads them as the proof does. */
const texts: readonly (readonly [since: number, text: string])[] = [
  [14, `select 10, 1.5, 1e3, '1_0', "id" as "0x1", id as a_0 ${own}`],
  [14, `select id as x1, '0x1f' /* 1_0 */ ${own} -- 0b1`],
  [14, `select json_build_object('a', id), json_object('{a,1}') ${own}`],
  [16, `select 1_0 ${own}`],
  [16, `select id ${own} limit 0x1F`],
  [16, `select 0o17, id ${own}`],
  [16, `select 0B1, id ${own}`],
  [16, `select 1_0.5e1_0, id ${own}`],
  [16, `select id ${own} and id in (select 1_0)`],
  [16, `select json_array(id) ${own}`],
  [16, `select json_object('a': id) ${own}`],
  [16, `select json_arrayagg(id) ${own}`],
  [16, `select json_objectagg('a': id) ${own}`],
  [16, `select body::text is json ${own}`],
  [17, `select json_value(body, '$.a') ${own}`],
  [17, `select json_query(body, '$.a') ${own}`],
  [17, `select json_exists(body, '$.a') ${own}`],
  [17, `select json_scalar(id) ${own}`],
  [
    17,
    `select t.a from notes, json_table(body, '$' columns (a int path '$.a')) t where tenant_id = 'acme'`,
  ],
]

// mutation src/parse/newer-syntax.ts: if (isNumber && newNumber.test(token)) => if (isNumber && version > 20)
it.each(texts)('since %i: %s', async (since, text) => {
  const catalogue = await loadCatalogue(client)
  for (const version of [14, 15, 16, 17, 18]) {
    const schema = liveSchema(declared, { ...catalogue, serverVersion: version * 10_000 + 4 })
    const [line] = await explainProof(text, schema)
    const found = { open: line?.open, isUnsupported: line?.detail === 'unsupported' }
    const isRead = version >= since
    expect(found, `${version}`).toEqual({ open: !isRead, isUnsupported: !isRead })
  }
  // Without a catalogue it is the newest that is meant.
  expect(await explainProof(text, declared)).not.toEqual([])
  const { serverVersion } = catalogue
  const sent = client.query(text)
  if (serverVersion >= since * 10_000) await sent
  else await sent.catch(() => undefined)
})

it('tells the server by its catalogue', async () => {
  const catalogue = await loadCatalogue(client)
  const { rows } = await client.query('show server_version_num')
  expect(rows).toEqual([{ server_version_num: String(catalogue.serverVersion) }])
  expect(liveSchema(declared, catalogue).serverVersion).toBe(catalogue.serverVersion)
})
