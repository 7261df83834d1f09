import { createGuard, explainProof, liveSchema, loadCatalogue } from '@partywall/sql'
import { type PostgresServer, startPostgres } from '@partywall/testing'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newer, notes } from './corpus/newer.ts'

let server: PostgresServer
let client: pg.Client
beforeAll(async () => {
  server = await startPostgres()
  client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query('create table notes (id int, tenant_id text, body jsonb)')
  await createGuard(notes)
})
afterAll(async () => {
  await client.end()
  await server.stop()
})

// mutation src/parse/newer-syntax.ts: if (isNumber && newNumber.test(token)) => if (isNumber && version > 20)
it.each(newer)('since %i: %s', async (since, text) => {
  const catalogue = await loadCatalogue(client)
  for (const version of [14, 15, 16, 17, 18]) {
    const schema = liveSchema(notes, { ...catalogue, serverVersion: version * 10_000 + 4 })
    const [line] = await explainProof(text, schema)
    const found = { open: line?.open, isUnsupported: line?.detail === 'unsupported' }
    const isRead = version >= since
    expect(found, `${version}`).toEqual({ open: !isRead, isUnsupported: !isRead })
  }
  // Without a catalogue it is the newest that is meant.
  expect(await explainProof(text, notes)).not.toEqual([])
  const { serverVersion } = catalogue
  const sent = client.query(text)
  if (serverVersion >= since * 10_000) await sent
  else await sent.catch(() => undefined)
})

it('tells the server by its catalogue', async () => {
  const catalogue = await loadCatalogue(client)
  const { rows } = await client.query('show server_version_num')
  expect(rows).toEqual([{ server_version_num: String(catalogue.serverVersion) }])
  expect(liveSchema(notes, catalogue).serverVersion).toBe(catalogue.serverVersion)
})
